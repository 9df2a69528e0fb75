import { type Close, closes } from '../wire/close-codes.ts';
import type { RuleName } from '../wire/rules.ts';

/** What the client's own close, or the lack of one, means for `$disconnect`. */
export function receivedClose(code: number, reason: string): Close {
  if (code === closes.noStatus.code) return closes.noStatus;
  if (code === closes.abnormal.code) return closes.abnormal;
  return { code, reason };
}

/** Violations that ws has already answered with a close frame of its own (RFC 6455, section 7.4.1). */
export function violationClose(errorCode: string | undefined): Close | undefined {
  // zlib's own: the client's compressed bytes are none.
  if (errorCode?.startsWith('Z_')) return closes.invalidText;
  if (!errorCode?.startsWith('WS_ERR_')) return undefined;
  if (errorCode === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return closes.tooLong;
  if (errorCode === 'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH') return closes.tooLong;
  if (errorCode === 'WS_ERR_TOO_MANY_BUFFERED_PARTS') return closes.tooManyFragments;
  return errorCode === 'WS_ERR_INVALID_UTF8' ? closes.invalidText : closes.protocolError;
}

const ruleByClose = new Map<Close, RuleName>([
  [closes.abnormal, 'connection-lost'],
  [closes.invalidText, 'text-invalid'],
  [closes.tooLong, 'message-too-long'],
  [closes.tooManyFragments, 'too-many-fragments'],
  [closes.protocolError, 'protocol-error'],
]);

/** Why a connection ended that the gateway did not end by its own decision. */
export function ruleOfClose(close: Close): RuleName {
  return ruleByClose.get(close) ?? 'client-closed';
}
