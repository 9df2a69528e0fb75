/**
 * Why a handshake, a message, a push or a change was refused, and why a connection ended: the closed
 * list of rules, each with a sentence for whoever asks. `responseType` is AWS's name of the refusal, as
 * `$context.error.responseType` prints it (developer guide, "Gateway response types"); a rule without
 * one leaves that variable empty, as recorded for a push to a connection that is gone.
 */
export interface Rule {
  readonly says: string;
  readonly responseType?: ResponseType;
}

export type ResponseType =
  | 'ACCESS_DENIED'
  | 'API_CONFIGURATION_ERROR'
  | 'AUTHORIZER_CONFIGURATION_ERROR'
  | 'AUTHORIZER_FAILURE'
  | 'BAD_REQUEST_BODY'
  | 'BAD_REQUEST_PARAMETERS'
  | 'DEFAULT_4XX'
  | 'DEFAULT_5XX'
  | 'EXPIRED_TOKEN'
  | 'INTEGRATION_FAILURE'
  | 'INTEGRATION_TIMEOUT'
  | 'INVALID_API_KEY'
  | 'INVALID_SIGNATURE'
  | 'MISSING_AUTHENTICATION_TOKEN'
  | 'QUOTA_EXCEEDED'
  | 'REQUEST_TOO_LARGE'
  | 'RESOURCE_NOT_FOUND'
  | 'THROTTLED'
  | 'UNAUTHORIZED'
  | 'UNSUPPORTED_MEDIA_TYPE';

export const rules = {
  // Before anybody is asked.
  'gateway-stopping': rule('The gateway is stopping: nobody new is let in, and connections end.'),
  'url-too-long': rule('The URL of the handshake has more than 4,096 characters.'),
  'headers-too-long': rule('The header values of the handshake have more than 10,240 bytes.'),
  'stage-not-found': rule('The URL names no deployed stage of any API.', 'RESOURCE_NOT_FOUND'),
  'origin-not-allowed': rule(
    'The page that connects is of an origin the stage does not allow.',
    'ACCESS_DENIED',
  ),
  'authorization-repeated': rule('The handshake has several Authorization headers.'),
  'not-a-handshake': rule('The request is no upgrade to WebSocket as RFC 6455 wants it.'),
  'websocket-version': rule('Sec-WebSocket-Version is not 13, the only version there is.'),

  // Limits of number.
  'connect-rate-limit': rule('connectsPerSecondMax is reached: too many handshakes.', 'THROTTLED'),
  'address-limit': rule(
    'The client address has connected too often, or has too many connections open.',
    'THROTTLED',
  ),
  'account-rate-limit': rule('accountRateLimit is reached by all APIs together.', 'THROTTLED'),
  'route-rate-limit': rule('The throttling of the stage for this route is reached.', 'THROTTLED'),
  'usage-plan-rate-limit': rule(
    "The throttle of the API key's usage plan is reached.",
    'THROTTLED',
  ),
  'usage-plan-quota': rule("The quota of the API key's usage plan is spent.", 'QUOTA_EXCEEDED'),

  // Who may come in.
  'identity-source-missing': rule(
    'What the authorizer looks at is missing or empty; it was not asked.',
    'UNAUTHORIZED',
  ),
  'authorizer-unauthorized': rule(
    'The authorizer threw "Unauthorized", or answered 401.',
    'UNAUTHORIZED',
  ),
  'authorizer-denied': rule(
    "A statement of the authorizer's policy denies, or it answered 403.",
    'ACCESS_DENIED',
  ),
  'authorizer-allows-not': rule("No statement of the authorizer's policy allows.", 'ACCESS_DENIED'),
  'authorizer-failed': rule('The authorizer failed or gave no answer.', 'AUTHORIZER_FAILURE'),
  'authorizer-malformed': rule(
    'The authorizer returned something that is no policy.',
    'AUTHORIZER_CONFIGURATION_ERROR',
  ),
  'authorizer-misconfigured': rule(
    'The authorizer is configured so that it cannot be asked.',
    'AUTHORIZER_CONFIGURATION_ERROR',
  ),
  'client-token-missing': rule(
    'The stage wants a JSON Web Token and there is none.',
    'UNAUTHORIZED',
  ),
  'client-token-refused': rule(
    'The JSON Web Token is not valid, or not for this stage.',
    'UNAUTHORIZED',
  ),
  'client-token-unverifiable': rule(
    'The keys that JSON Web Tokens are verified with are not to be had.',
    'AUTHORIZER_FAILURE',
  ),
  'not-signed': rule('The request carries no signature.', 'MISSING_AUTHENTICATION_TOKEN'),
  'signature-incomplete': rule('A part of the signature is missing.', 'INVALID_SIGNATURE'),
  'signature-invalid': rule('The signature does not match or is too old.', 'INVALID_SIGNATURE'),
  'signature-replayed': rule(
    'The signature was used before, and singleUseSignatures says that it may not.',
    'INVALID_SIGNATURE',
  ),
  'signatures-too-many': rule(
    'More signatures are valid at a time than singleUseSignatures can tell apart.',
    'THROTTLED',
  ),
  'token-expired': rule('The temporary credentials have expired.', 'EXPIRED_TOKEN'),
  'access-key-unknown': rule('The access key is unknown or disabled.', 'ACCESS_DENIED'),
  'policy-allows-not': rule("The access key's policies do not allow it.", 'ACCESS_DENIED'),
  'api-key-missing': rule('The route wants an API key and there is none.', 'INVALID_API_KEY'),
  'api-key-unknown': rule('The API key is unknown or disabled.', 'INVALID_API_KEY'),
  'api-key-without-plan': rule('The API key is in no usage plan of this stage.', 'INVALID_API_KEY'),

  // What was asked for.
  'parameter-missing': rule(
    'A header or query parameter that $connect requires is missing.',
    'BAD_REQUEST_PARAMETERS',
  ),
  'route-not-found': rule(
    'No route matches, and there is no $default route.',
    'RESOURCE_NOT_FOUND',
  ),
  'model-mismatch': rule("The message does not fit the route's model.", 'BAD_REQUEST_BODY'),
  'message-not-json': rule('A mapping reads from a message that is no JSON.', 'BAD_REQUEST_BODY'),
  'mapped-value-invalid': rule(
    'A value mapped to a header has characters that no header may have.',
    'BAD_REQUEST_PARAMETERS',
  ),
  'template-not-selected': rule(
    'No request template is selected, and passthroughBehavior lets nothing else through.',
    'UNSUPPORTED_MEDIA_TYPE',
  ),
  'reply-too-long': rule('The reply is longer than a message may be.', 'DEFAULT_5XX'),

  // Integrations.
  'integration-missing': rule('The route has no integration.', 'API_CONFIGURATION_ERROR'),
  'integration-misconfigured': rule(
    'The integration is configured so that it cannot run.',
    'API_CONFIGURATION_ERROR',
  ),
  'backend-refused': rule('The backend of $connect did not answer 2xx: it refused the client.'),
  'backend-error': rule('The backend answered a message with an error status.'),
  'backend-timeout': rule(
    'The backend did not answer within timeoutInMillis.',
    'INTEGRATION_TIMEOUT',
  ),
  'backend-tls': rule('The TLS handshake with the backend failed.', 'INTEGRATION_FAILURE'),
  'backend-unreachable': rule('No connection to the backend could be made.', 'INTEGRATION_FAILURE'),
  'backend-garbled': rule('The backend answered what is no HTTP.', 'INTEGRATION_FAILURE'),
  'backend-answer-too-long': rule('The answer has more than 10 MB.', 'INTEGRATION_FAILURE'),
  'function-failed': rule('The function threw, ran out of time or died.', 'DEFAULT_5XX'),
  'function-response-malformed': rule('The function returned no proxy response.', 'DEFAULT_5XX'),
  'function-unavailable': rule('The function could not be called.', 'DEFAULT_5XX'),

  // The management API.
  'connection-gone': rule('The connection has ended, is not open yet, or never was.'),
  'connection-id-malformed': rule('The text is no connection id.', 'BAD_REQUEST_PARAMETERS'),
  'selection-invalid': rule(
    'The query does not say clearly for which connections a message is.',
    'BAD_REQUEST_PARAMETERS',
  ),
  'payload-too-large': rule('The body is longer than a message may be.', 'REQUEST_TOO_LARGE'),
  'operation-unknown': rule(
    'No operation has this method and path.',
    'MISSING_AUTHENTICATION_TOKEN',
  ),
  'client-reads-too-slowly': rule(
    'As much waits for the client as may (sendQueueBytesMax, sendQueueMessagesMax), or for $connect.',
    'THROTTLED',
  ),
  'control-plane': rule('The control plane does not accept the request; the reason says what.'),
  'node-busy': rule('Too much waits for the node that holds the connection.', 'THROTTLED'),
  'fan-outs-waiting': rule('Too many messages to many connections wait already.', 'THROTTLED'),
  'node-silent': rule(
    'The node that holds the connection did not answer in time; it may have been pushed all the same.',
    'DEFAULT_5XX',
  ),
  'store-unavailable': rule('The store cannot be reached, or not be written.', 'DEFAULT_5XX'),
  'internal-error': rule('A bug of the gateway. The log has it.', 'DEFAULT_5XX'),

  // Ends of connections.
  'client-closed': rule('The client closed the connection.'),
  'node-gone': rule('The node that held the connection died, or was cut off from the others.'),
  'connection-lost': rule('The TCP connection ended without a close frame.'),
  'ping-unanswered': rule('Not a byte came from the client since it was sent a ping.'),
  deleted: rule('A backend closed the connection: DELETE @connections.'),
  'idle-timeout': rule('Nothing moved on the connection for as long as its stage allows.'),
  'connection-duration': rule('The connection is as old as its stage allows.'),
  'client-token-expired': rule('The token the client was let in with has expired.'),
  'stage-removed': rule('The stage or its API was deleted, or has no deployment any more.'),
  'binary-message': rule('The client sent a binary frame, and the stage takes text only.'),
  'message-too-long': rule('A frame or a message of the client is longer than allowed.'),
  'text-invalid': rule('The client sent text that is not UTF-8, or bytes that do not inflate.'),
  'protocol-error': rule('A frame of the client breaks RFC 6455.'),
  'too-many-fragments': rule('The client sent one message in too many fragments.'),
  'slow-consumer': rule(
    'The client left its queue full for 30 seconds, or at all (slowClients: close).',
  ),
} as const satisfies Record<string, Rule>;

export type RuleName = keyof typeof rules;

/** The rule in a sentence, and AWS's name of the refusal where it has one. */
export function ruleOf(name: RuleName): Rule {
  return rules[name];
}

function rule(says: string, responseType?: ResponseType): Rule {
  return { says, ...(responseType !== undefined && { responseType }) };
}
