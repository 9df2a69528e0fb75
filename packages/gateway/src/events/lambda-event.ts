/**
 * The event a Lambda function receives through AWS_PROXY, member for member and in the order recorded
 * from AWS. What does not apply is absent; nothing is null.
 */
import { type GatewayEvent, RETRY_HEADER } from './gateway-event.ts';
import { addForwarded, HeaderList } from './header-list.ts';
import { headerMembers, queryMembers } from './value-members.ts';

/** The event as JSON. `isBase64` says that a message's text is to be understood as base64. */
export function lambdaEvent(event: GatewayEvent, isBase64: boolean): Buffer {
  const { context, stageVariables, body } = event.scope;
  const variables = Object.keys(stageVariables).length > 0 ? { stageVariables } : {};
  switch (context.eventType) {
    case 'CONNECT':
      return json({
        ...connectHeaders(event),
        ...(event.handshake && queryMembers(event.handshake)),
        ...variables,
        requestContext: context,
        isBase64Encoded: false,
      });
    case 'MESSAGE':
      return json({
        ...variables,
        requestContext: context,
        body: body.text,
        isBase64Encoded: isBase64 || body.isBinary,
      });
    case 'DISCONNECT':
      return json({
        ...disconnectHeaders(context.domainName, event.scope.retry),
        ...variables,
        requestContext: context,
        isBase64Encoded: false,
      });
  }
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value));

/** The client's headers in its own spelling, without those of the hop, and what the gateway adds. */
function connectHeaders({ handshake, scope, traceId }: GatewayEvent) {
  const headers = new HeaderList();
  if (handshake) headers.addReceived(handshake.rawHeaders);
  headers.set('X-Amzn-Trace-Id', traceId);
  addForwarded(headers, scope.context.identity.sourceIp);
  return headerMembers(headers.grouped());
}

/** `$disconnect` has no request of its own; AWS fills in these names. A retry adds ours. */
function disconnectHeaders(host: string, retry: number | undefined) {
  return headerMembers(
    new Map([
      ['Host', [host]],
      ['x-api-key', ['']],
      ['X-Forwarded-For', ['']],
      ['x-restapi', ['']],
      ...(retry === undefined ? [] : [[RETRY_HEADER, [String(retry)]] as const]),
    ]),
  );
}
