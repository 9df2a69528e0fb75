import { LambdaError, type LambdaFailure } from '../backends/lambda/lambda-error.ts';
import { errorMessages } from '../wire/error-frame.ts';
import { clientFault } from './http-call.ts';
import type { IntegrationFailure } from './integration.ts';

/** What the client is told when a function could not be called. Rethrows what is nobody's failure. */
export function lambdaFailure(error: unknown): IntegrationFailure {
  if (!(error instanceof LambdaError)) return clientFault(error);
  const { failure, message: reason } = error;
  const rule = failure === 'timeout' ? 'backend-timeout' : 'function-unavailable';
  return { kind: 'failure', ...failures[failure], reason, rule };
}

const internal = (status: 500 | 502) => ({ status, message: errorMessages.internal });

/** AWS: 500 where the gateway may not call the function, 502 where the function is to blame. */
const failures: Record<LambdaFailure, Pick<IntegrationFailure, 'status' | 'message'>> = {
  timeout: { status: 504, message: errorMessages.timeout },
  notFound: internal(502),
  accessDenied: internal(500),
  throttled: internal(502),
  unreachable: internal(500),
  garbled: internal(502),
  tooLarge: internal(502),
  refused: internal(502),
};
