import type { Ambient } from './ambient.ts';
import type { ConnectionStore } from './connections/connection-store.ts';
import type { Log } from './log.ts';
import type { CredentialSource } from './push/credentials.ts';
import type { ManagementApiClient } from './push/sdk-management-api.ts';
import type { RequestDetails } from './routes/request.ts';
import type { NonceMemory } from './signature/nonce-memory.ts';

/** What {@link createBackend} takes. `User` is the type of a user id, a string. */
export interface BackendOptions<User extends string = string> {
  /**
   * Address of the stage, `https://<API_ID>.execute-api.<REGION>.amazonaws.com/<STAGE>`, or a
   * function that gives it, called before every push. Needed unless there is a `client`.
   */
  readonly endpoint?: string | (() => string) | undefined;
  /**
   * Region of the signature. Default: the one in `endpoint`, else AWS_REGION, else
   * AWS_DEFAULT_REGION, else `us-east-1`.
   */
  readonly region?: string | undefined;
  /** Access key, or a function that fetches one. Default: the environment, else unsigned calls. */
  readonly credentials?: CredentialSource | undefined;
  /** An AWS SDK v3 `ApiGatewayManagementApi` client, which then makes every management call. */
  readonly client?: ManagementApiClient | undefined;

  /** The id of the user the token belongs to, or null to refuse it with 401. */
  authenticate(
    token: string | undefined,
    request: RequestDetails,
  ): User | null | undefined | Promise<User | null | undefined>;
  /** Query parameter, and member of a message, that carries the token. Default `token`. */
  readonly tokenName?: string | undefined;
  /** Who may call the three paths; false answers 403. Default: whoever reaches them. */
  isGateway?(request: RequestDetails): boolean | Promise<boolean>;

  /** Calls of the three paths must be signed by Postern; others answer 403. Default: anybody's. */
  readonly signing?: SigningOptions | undefined;

  /** Default {@link memoryStore}. */
  readonly store?: ConnectionStore | undefined;
  /** A new connection takes the place of the user's others. Default false. */
  readonly oneConnectionPerUser?: boolean | undefined;
  /** Also close the socket of a connection that was replaced. Default false. */
  readonly closeReplaced?: boolean | undefined;

  /**
   * Before the handshake is answered. What it throws refuses the connection with 500. It may
   * return `{ subprotocol }`, one of those the client offered; anything else is ignored.
   */
  onConnect?(event: ConnectEvent<User>): unknown | Promise<unknown>;
  /** After the record is gone. */
  onDisconnect?(event: DisconnectEvent<User>): unknown | Promise<unknown>;
  /** Every message but heartbeats. What it returns is the reply, on a two-way route. */
  onMessage?(event: MessageEvent<User>): unknown | Promise<unknown>;

  readonly paths?: Partial<BackendPaths> | undefined;
  /** Header the connection id is mapped to. Default `connectionId`. */
  readonly connectionIdHeader?: string | undefined;
  /** The debug endpoints. Absent: they do not exist. */
  readonly debug?: DebugOptions | undefined;

  /** Milliseconds for one attempt at a push. Default 5000. */
  readonly pushTimeoutMillis?: number | undefined;
  /** Attempts at one push, the first included. Default 3. */
  readonly pushAttemptsMax?: number | undefined;
  /** Pushes of one `pushToUsers` under way at once. Default 32. */
  readonly pushConcurrency?: number | undefined;
  /** Default: warnings and errors on standard error. */
  readonly log?: Log | undefined;
  /** Time and chance, for tests. */
  readonly ambient?: Ambient | undefined;
}

/** What `X-Postern-Signature` is held against. */
export interface SigningOptions {
  /** As in the file that Postern's `backendSigningKeyFile` names; two while one takes over from another. */
  readonly keys: readonly string[] | (() => readonly string[]);
  /** How far the gateway's clock may be from ours. Default 300. */
  readonly toleranceSeconds?: number | undefined;
  /** Default: `nonceMemory()`, one for each path. Several processes need one they share. */
  readonly nonces?: NonceMemory | undefined;
}

export interface BackendPaths {
  /** Default `/ws/connect`. */
  readonly connect: string;
  /** Default `/ws/disconnect`. */
  readonly disconnect: string;
  /** Default `/ws/message`. */
  readonly message: string;
}

export interface DebugOptions {
  /** Who may use the debug endpoints; false answers 403. */
  authorize(request: RequestDetails): boolean | Promise<boolean>;
  /** Default `/debug`. */
  readonly basePath?: string | undefined;
}

export interface ConnectEvent<User extends string = string> {
  readonly connectionId: string;
  readonly userId: User;
  readonly request: RequestDetails;
}

export interface DisconnectEvent<User extends string = string> {
  readonly connectionId: string;
  /** Undefined when the connection was unknown. */
  readonly userId: User | undefined;
  /** Close code, when the header `disconnectStatusCode` is mapped. */
  readonly code: number | undefined;
  /** Close reason, when the header `disconnectReason` is mapped. */
  readonly reason: string | undefined;
}

export interface MessageEvent<User extends string = string> {
  readonly connectionId: string;
  /** Undefined when the connection is unknown and the message held no good token. */
  readonly userId: User | undefined;
  /** The message parsed as JSON; undefined when it is not JSON. */
  readonly message: unknown;
  /** The message as it came. */
  readonly text: string;
}
