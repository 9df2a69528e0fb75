/**
 * The event a Lambda function receives through AWS_PROXY, member for member and in the order recorded
 * from AWS. What does not apply is absent; nothing is null.
 */
import type { HandshakeParameters } from '../mapping/scope.ts';
import { addForwarded, HeaderList } from './header-list.ts';
import type { IntegrationEvent } from './integration.ts';

type Values = ReadonlyMap<string, readonly string[]>;

/** The event as JSON. `isBase64` says that a message's text is to be understood as base64. */
export function lambdaEvent(event: IntegrationEvent, isBase64: boolean): Buffer {
  const { context, stageVariables, body } = event.scope;
  const variables = Object.keys(stageVariables).length > 0 ? { stageVariables } : {};
  switch (context.eventType) {
    case 'CONNECT':
      return json({
        ...connectHeaders(event),
        ...(event.scope.handshake && queryParameters(event.scope.handshake)),
        ...variables,
        requestContext: context,
        isBase64Encoded: false,
      });
    case 'MESSAGE':
      return json({
        ...variables,
        requestContext: context,
        body: body.text,
        isBase64Encoded: isBase64,
      });
    case 'DISCONNECT':
      return json({
        ...disconnectHeaders(context.domainName),
        ...variables,
        requestContext: context,
        isBase64Encoded: false,
      });
  }
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value));

/** The client's headers in its own spelling, without those of the hop, and what the gateway adds. */
function connectHeaders({ handshake, scope, traceId }: IntegrationEvent) {
  const headers = new HeaderList();
  if (handshake) headers.addReceived(handshake.rawHeaders);
  headers.set('X-Amzn-Trace-Id', traceId);
  addForwarded(headers, scope.context.identity.sourceIp);
  return headerMembers(headers.grouped());
}

/** `$disconnect` has no request of its own; AWS fills in these names. */
function disconnectHeaders(host: string) {
  return headerMembers(
    new Map([
      ['Host', [host]],
      ['x-api-key', ['']],
      ['X-Forwarded-For', ['']],
      ['x-restapi', ['']],
    ]),
  );
}

function headerMembers(grouped: Values) {
  return { headers: lastValues(grouped), multiValueHeaders: allValues(grouped) };
}

/** Absent when the URL has no query, as on AWS. */
export function queryParameters({ query }: HandshakeParameters) {
  if (query.size === 0) return {};
  const sorted = sortedByName(query);
  return {
    queryStringParameters: lastValues(sorted),
    multiValueQueryStringParameters: allValues(sorted),
  };
}

const lastValues = (values: Values) =>
  Object.fromEntries([...values].map(([name, all]) => [name, all.at(-1) ?? '']));

const allValues = (values: Values) => Object.fromEntries(values);

export function sortedByName(values: Values): Values {
  return new Map([...values].sort(([a], [b]) => (a < b ? -1 : 1)));
}
