import type { ConnectionDescription } from '../connections/connection-call.ts';

/**
 * The body of GetConnection, with AWS's spacing: two spaces of indent, a space on either side of the
 * colon, `userAgent` null when the client sent none, times in UTC with milliseconds.
 */
export function describeConnection(description: ConnectionDescription): string {
  const { sourceIp, userAgent, connectedAt, lastActiveAt } = description;
  return [
    '{',
    '  "identity" : {',
    `    "sourceIp" : ${JSON.stringify(sourceIp)},`,
    `    "userAgent" : ${JSON.stringify(userAgent ?? null)}`,
    '  },',
    `  "connectedAt" : "${new Date(connectedAt).toISOString()}",`,
    `  "lastActiveAt" : "${new Date(lastActiveAt).toISOString()}"`,
    '}',
  ].join('\n');
}
