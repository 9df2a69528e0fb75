/**
 * `$context` as templates see it: a map, so that `$context` alone prints as Java prints one. The
 * order of the members, and which are null rather than absent, are those of a recorded `$context`.
 */
const memberOrder = [
  'routeKey',
  'authorizer',
  'disconnectStatusCode',
  'messageId',
  'eventType',
  'extendedRequestId',
  'requestTime',
  'messageDirection',
  'disconnectReason',
  'stage',
  'connectedAt',
  'requestTimeEpoch',
  'identity',
  'requestId',
  'domainName',
  'connectionId',
  'apiId',
] as const;

const identityOrder = [
  'cognitoIdentityPoolId',
  'cognitoIdentityId',
  'principalOrgId',
  'cognitoAuthenticationType',
  'userArn',
  'userAgent',
  'accountId',
  'caller',
  'sourceIp',
  'accessKey',
  'cognitoAuthenticationProvider',
  'user',
] as const;

/** Members that are left out when an event has none, instead of being null. */
const optional = new Set<string>(['authorizer']);

/** Makes the map from an event's request context; members of no fixed place come last. */
export function contextMap(context: object): Map<string, unknown> {
  const map = ordered(context, memberOrder);
  const identity = memberOf(context, 'identity');
  map.set('identity', ordered(typeof identity === 'object' ? identity : {}, identityOrder));
  return map;
}

function ordered(object: object, order: readonly string[]): Map<string, unknown> {
  const map = new Map<string, unknown>();
  for (const name of [...order, ...Object.keys(object)]) {
    const value = memberOf(object, name) ?? null;
    if (!map.has(name) && (value !== null || !optional.has(name))) {
      map.set(name, typeof value === 'object' && value !== null ? ordered(value, []) : value);
    }
  }
  return map;
}

function memberOf(object: object, name: string): string | number | boolean | object | undefined {
  return Object.hasOwn(object, name)
    ? (object as Readonly<Record<string, string | number | boolean | object>>)[name]
    : undefined;
}
