/** Who calls `@connections`: what the management API checks, and what the logs tell of it. */
import type { IncomingHttpHeaders } from 'node:http';
import { headersByName } from '../data-plane/arrived-handshake.ts';
import { callerConditions } from '../data-plane/caller-conditions.ts';
import type { ClientAddress } from '../data-plane/client-address.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { AccessKey } from '../iam/access-key.ts';
import { signedRequest } from '../iam/signed-request.ts';
import type { Caller } from '../management-api/management-api.ts';
import type { CallerFacts } from '../monitoring/facts.ts';
import type { NamedStage } from '../stages/address.ts';
import type { Peer } from '../transport/byte-socket.ts';
import type { ConnectionResources } from './connection-resources.ts';
import { PushRequest } from './push-request.ts';

/** A request as its door has read it: node:http, or the lane of pushes. */
export interface Arrived {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Name, value, name, value, as sent. */
  readonly rawHeaders: readonly string[];
  /** Those that anybody asks for by name. */
  readonly headers: Partial<Pick<IncomingHttpHeaders, KnownHeader>>;
}

type KnownHeader = 'host' | 'referer' | 'user-agent' | 'x-forwarded-for' | 'x-forwarded-proto';

export interface CallerOptions {
  /** Absent where anyone may call: `postern dev`, on loopback. */
  readonly accessControl?: AccessControl;
  readonly connectionResources: ConnectionResources;
  readonly clientAddress: ClientAddress;
}

const ACTION = 'execute-api:ManageConnections';

export class ManagementCaller implements Caller {
  readonly #request: Arrived;
  readonly #socket: Peer;
  readonly #options: CallerOptions;
  #key: AccessKey | undefined;

  constructor(request: Arrived, socket: Peer, options: CallerOptions) {
    this.#request = request;
    this.#socket = socket;
    this.#options = options;
  }

  authenticate(body: Buffer): void {
    const { accessControl } = this.#options;
    if (!accessControl) return;
    const request = this.#request;
    const signed = request instanceof PushRequest ? request : signedRequest(request, body);
    this.#key = accessControl.authenticate(signed, 'execute-api');
  }

  authorize(method: string, stage: NamedStage, connections: 'one' | 'any'): void {
    const { accessControl, connectionResources } = this.#options;
    if (!accessControl) return;
    if (!this.#key) throw new Error('authorize before authenticate');
    const resource = connectionResources.of(stage, method, connections);
    const conditions = () => callerConditions(this.#arrived, this.#options.clientAddress);
    accessControl.authorize(this.#key, { action: ACTION, resource, conditions });
  }

  facts(): CallerFacts {
    const { headers: known } = this.#request;
    const headers = headersByName(this.#request);
    const userAgent = headers['user-agent'];
    return {
      domainName: known.host ?? '',
      headers,
      identity: {
        sourceIp: this.#options.clientAddress(this.#arrived),
        ...(userAgent !== undefined && { userAgent }),
        ...(this.#key && identityOf(this.#key)),
      },
    };
  }

  get #arrived() {
    return { headers: this.#request.headers, socket: this.#socket };
  }
}

const identityOf = ({ accountId, userName, userArn, accessKeyId }: AccessKey) => ({
  accountId,
  caller: userName,
  user: userName,
  userArn,
  accessKey: accessKeyId,
});
