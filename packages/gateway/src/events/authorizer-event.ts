/**
 * The event a Lambda REQUEST authorizer receives (developer guide, "Create an API Gateway Lambda
 * REQUEST authorizer"): the `$connect` event, with the hop's own headers kept and every map present.
 */
import type { GatewayEvent } from './gateway-event.ts';
import { addForwarded, HeaderList } from './header-list.ts';
import { headerMembers, queryMembers } from './value-members.ts';

export function authorizerEvent(event: GatewayEvent, methodArn: string): Buffer {
  const { scope, handshake, traceId } = event;
  const headers = new HeaderList();
  if (handshake) headers.addAll(handshake.rawHeaders);
  headers.set('content-length', '0');
  headers.set('X-Amzn-Trace-Id', traceId);
  addForwarded(headers, scope.context.identity.sourceIp);
  const none = { queryStringParameters: {}, multiValueQueryStringParameters: {} };
  return Buffer.from(
    JSON.stringify({
      type: 'REQUEST',
      methodArn,
      ...headerMembers(headers.grouped()),
      ...none,
      ...(handshake && queryMembers(handshake)),
      stageVariables: scope.stageVariables,
      requestContext: scope.context,
    }),
  );
}
