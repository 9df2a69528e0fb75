/** Who calls `@connections`: what the management API checks, and what the logs tell of it. */
import type { IncomingMessage } from 'node:http';
import { callerConditions } from '../data-plane/caller-conditions.ts';
import type { ClientAddress } from '../data-plane/client-address.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { AccessKey } from '../iam/access-key.ts';
import { signedRequest } from '../iam/signed-request.ts';
import type { Caller } from '../management-api/management-api.ts';
import { headerPairs } from '../telemetry/visible.ts';

export type Arrived = Pick<IncomingMessage, 'method' | 'url' | 'headers' | 'socket'> & {
  readonly rawHeaders: readonly string[];
};

export interface CallerOptions {
  /** Absent where anyone may call: `postern dev`, on loopback. */
  readonly accessControl?: AccessControl;
  readonly accountId: string;
  readonly region: string;
  readonly clientAddress: ClientAddress;
}

export function managementCaller(request: Arrived, options: CallerOptions): Caller {
  const { accessControl, region, accountId, clientAddress } = options;
  let key: AccessKey | undefined;
  return {
    authenticate: (body) => {
      key = accessControl?.authenticate(signedRequest(request, body), 'execute-api');
    },
    authorize: (method, { apiId, stageName }, connections) => {
      if (!accessControl) return;
      if (!key) throw new Error('authorize before authenticate');
      // The braces are literal: AWS evaluates every connection under this one name.
      const name = connections === 'one' ? '{connectionId}' : '*';
      const resource =
        `arn:aws:execute-api:${region}:${accountId}:${apiId}/${stageName}` +
        `/${method}/@connections/${name}`;
      const action = 'execute-api:ManageConnections';
      const conditions = () => callerConditions(request, clientAddress);
      accessControl.authorize(key, { action, resource, conditions });
    },
    facts: () => {
      const headers = headersByName(request.rawHeaders);
      const userAgent = headers['user-agent'];
      return {
        domainName: request.headers.host ?? '',
        headers,
        identity: {
          sourceIp: clientAddress(request),
          ...(userAgent !== undefined && { userAgent }),
          ...(key && identityOf(key)),
        },
      };
    },
  };
}

function headersByName(rawHeaders: readonly string[]): Record<string, string> {
  const pairs = [...headerPairs(rawHeaders)];
  return Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value]));
}

const identityOf = ({ accountId, userName, userArn, accessKeyId }: AccessKey) => ({
  accountId,
  caller: userName,
  user: userName,
  userArn,
  accessKey: accessKeyId,
});
