/**
 * Ours, for backends that are plain HTTP: an endpoint that receives the event of a Lambda authorizer as
 * the body of a POST and answers 200 with the same policy. Two statuses say the rest: 401 is what
 * throwing `Unauthorized` is to a function, 403 is a policy that denies. Redirects are not followed.
 */
import { BackendError, type HttpAnswer } from '../backends/http-caller.ts';
import { authorizerEvent } from '../events/authorizer-event.ts';
import { addTrace, HeaderList } from '../events/header-list.ts';
import type { UriTemplate } from '../mapping/uri-template.ts';
import {
  AUTHORIZER_TIMEOUT_MILLIS,
  type Authorization,
  authorizerFailed,
  saidUnauthorized,
} from './authorization.ts';
import {
  type AuthorizerRequest,
  deniedExplicitly,
  readAuthorizerResponse,
} from './authorizer-response.ts';
import type { AuthorizerBackends, AuthorizerEvent } from './request-authorizer.ts';

export async function askHttpAuthorizer(
  http: AuthorizerBackends['http'],
  uri: UriTemplate,
  event: AuthorizerEvent,
  request: AuthorizerRequest,
): Promise<Authorization> {
  const { connectionId } = event.scope.context;
  try {
    const answer = await http.call({
      origin: uri.origin,
      path: uri.path(),
      method: 'POST',
      headers: headersOf(event),
      body: authorizerEvent(event, request.methodArn),
      timeoutMillis: AUTHORIZER_TIMEOUT_MILLIS,
      wantsBody: true,
      clientCertificate: event.clientCertificate,
      signedFor: connectionId,
    });
    return read(answer, request);
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    return authorizerFailed(`the authorizer: ${error.message}`);
  }
}

function headersOf({ scope, traceId, trail }: AuthorizerEvent): string[] {
  const { apiId } = scope.context;
  const headers = new HeaderList();
  headers.set('Content-Type', 'application/json');
  headers.set('Accept', 'application/json');
  headers.set('User-Agent', `AmazonAPIGateway_${apiId}`);
  headers.set('X-Amzn-Trace-Id', traceId);
  headers.set('X-Amzn-Apigateway-Api-Id', apiId);
  addTrace(headers, trail?.callTrace);
  return headers.flat();
}

function read({ status, body }: HttpAnswer, request: AuthorizerRequest): Authorization {
  if (status === 200) return readAuthorizerResponse(body, request);
  const reason = `the authorizer answered ${status}`;
  if (status === 401) return saidUnauthorized(reason);
  if (status === 403) return deniedExplicitly(reason);
  return authorizerFailed(reason);
}
