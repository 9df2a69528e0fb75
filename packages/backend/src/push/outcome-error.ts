import type { Endpoint } from './endpoint.ts';
import type { Outcome } from './exchange.ts';
import { PushError } from './push-error.ts';

/** The error a caller gets for a management call that did not succeed. */
export function outcomeError(outcome: Outcome, endpoint: Endpoint, isSigned: boolean): PushError {
  if (outcome.kind === 'timeout') {
    return new PushError({
      name: 'TimeoutError',
      message: `no answer from ${endpoint.host} in time`,
    });
  }
  if (outcome.kind === 'no-connection') {
    const { error } = outcome;
    const reason = error.message || (error as NodeJS.ErrnoException).code || error.name;
    return new PushError(
      { name: 'ConnectionError', message: `no connection to ${endpoint.host}: ${reason}` },
      { cause: error },
    );
  }
  const { status, text } = outcome;
  const body = parseObject(text);
  const type = outcome.errorType ?? body.__type ?? body.code;
  const name =
    shortName(type) ??
    namesByStatus[status] ??
    (status >= 500 ? 'InternalServerErrorException' : 'Unknown');
  const said = body.message ?? body.Message;
  const message = typeof said === 'string' && said !== '' ? said : `the gateway answered ${status}`;
  return new PushError({ name, status, message, isSigned });
}

const namesByStatus: Readonly<Record<number, string>> = {
  400: 'BadRequestException',
  403: 'ForbiddenException',
  404: 'NotFoundException',
  410: 'GoneException',
  413: 'PayloadTooLargeException',
  429: 'TooManyRequestsException',
};

/** The exception's bare name out of `com.amazonaws#GoneException:http://…`, as the SDKs read it. */
function shortName(type: unknown): string | undefined {
  if (typeof type !== 'string') return undefined;
  const name = type.split(/[:,]/)[0]!.replace(/^.*#/, '').trim();
  return name === '' ? undefined : name;
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
