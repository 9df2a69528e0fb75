import { DENIED_HOST_CODE } from '../guarded-connect.ts';

export const backendFailures = ['timeout', 'tls', 'unreachable', 'garbled', 'tooLarge'] as const;
export type BackendFailure = (typeof backendFailures)[number];

/** Why there is no answer. `message` is for the operator's log, never for a client. */
export class BackendError extends Error {
  readonly failure: BackendFailure;

  constructor(failure: BackendFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNRESET',
  'EPIPE',
  DENIED_HOST_CODE,
  'UND_ERR_SOCKET',
  'UND_ERR_DESTROYED',
  'UND_ERR_CLOSED',
]);

/** What an error of a socket, of TLS, of undici or of a reader means; the rest is no HTTP. */
export function classify(error: Error & { code?: string; errors?: Error[] }): BackendError {
  const code = error.code ?? (error.errors?.[0] as { code?: string } | undefined)?.code ?? '';
  const message = error.message || code;
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    return new BackendError('timeout', message);
  }
  if (UNREACHABLE.has(code)) return new BackendError('unreachable', message);
  if (/CERT|TLS|SSL|SELF_SIGNED|EPROTO|UNABLE_TO/.test(code)) {
    return new BackendError('tls', message);
  }
  return new BackendError('garbled', message);
}
