import type { Connection } from '../connections/connection.ts';

/**
 * The body of GetConnection, with AWS's spacing: two spaces of indent, a space on either side of the
 * colon, `userAgent` null when the client sent none, times in UTC with milliseconds.
 */
export function describeConnection({ facts, lastActiveAt }: Connection): string {
  const { sourceIp, userAgent } = facts.identity;
  return [
    '{',
    '  "identity" : {',
    `    "sourceIp" : ${JSON.stringify(sourceIp)},`,
    `    "userAgent" : ${JSON.stringify(userAgent ?? null)}`,
    '  },',
    `  "connectedAt" : "${new Date(facts.connectedAt).toISOString()}",`,
    `  "lastActiveAt" : "${new Date(lastActiveAt).toISOString()}"`,
    '}',
  ].join('\n');
}
