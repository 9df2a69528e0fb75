import type { Clock } from '../ambient/clock.ts';
import type { Hub } from '../connections/hub.ts';
import type { DeadLetters, NodeBus, ResourceStore } from '../engines/engine.ts';
import type { Activity, CountedTotals } from '../telemetry/activity.ts';
import type { TraceFeed } from '../telemetry/trace-feed.ts';
import type { HttpReply, StreamReply } from '../wire/http-reply.ts';
import type { RemoteTrace } from './remote-trace.ts';

/** One operation: a row of the table `/@api/…` is served by, and its page in the documentation. */
export interface Operation {
  /** Its name in policies, behind `postern:`. */
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/@api`, with the names of its parameters: `/connections/{connectionId}`. */
  readonly path: string;
  /** What it is for, as the documentation says it. */
  readonly sentence: string;
  readonly query?: readonly Parameter[];
  /** Members of its JSON body. */
  readonly body?: readonly Parameter[];
  /** A value becomes the JSON of a 200; throws `ServiceException`s. */
  handler(call: Call): Promise<unknown> | unknown;
  /** Asked of every node: puts together what they answered, this node's first. Else only this node is. */
  gather?(answers: readonly unknown[], call: Call): object;
  /** How long the handler takes on purpose, in milliseconds. */
  takesMillis?(call: Call): number;
}

export interface Parameter {
  readonly name: string;
  readonly sentence: string;
}

export interface Call {
  readonly context: OperationsContext;
  /** Decoded path parameters. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly bytes: Buffer;
  /** The last event a reader of a stream has seen. */
  readonly lastEventId?: string;
}

/** What the operations are told about: the parts of one running gateway. */
export interface OperationsContext {
  readonly hub: Hub;
  readonly store: ResourceStore;
  readonly clock: Clock;
  readonly deadLetters: DeadLetters;
  readonly bus: NodeBus;
  readonly remoteTrace: RemoteTrace;
  readonly trace: TraceFeed;
  readonly activity: Activity;
  /** Of this node; of all workers of its supervisor, where it has one, also of those that have ended. */
  totals(): Promise<CountedTotals>;
  readonly about: About;
  /** Settings and users, with nothing secret in them. */
  readonly configuration: ConfigurationInForce;
  isReady(): boolean;
  /** Tries a dead letter again. `false` when there is none of this id. */
  replay(deadLetterId: string): Promise<boolean>;
  /** How many `$disconnect`s have been tried here and are to be tried again. */
  waitingDisconnects(): number;
  /** Pushes through the management API, as any backend would. Never rejects. */
  push(connectionId: string, stage: StageName, body: Buffer): Promise<HttpReply>;
  /** Pushes to many, with a query that selects them. An `apiId` is left out where the stage's name says it. */
  pushToMany(stage: Partial<StageName>, query: string, body: Buffer): Promise<HttpReply>;
  /** An API written as a template; `undefined` for a format there is not. */
  exportApi(apiId: string, format: string): Promise<ExportedText | undefined>;
}

export interface StageName {
  readonly apiId: string;
  readonly stage: string;
}

export interface About {
  /** Of the package. */
  readonly version: string;
  readonly mode: 'dev' | 'start';
  readonly account: string;
  readonly region: string;
  /** This process, among others of a cluster. */
  readonly node: string;
  readonly startedAt: number;
  /** The gateway's public base, once it listens. */
  url(): string;
  /** Where operators ask, where that is a listener of its own. */
  adminUrl(): string | undefined;
}

export interface ConfigurationInForce {
  readonly settings: readonly SettingInForce[];
  readonly users: readonly UserInForce[];
}

export interface SettingInForce {
  readonly key: string;
  readonly value: unknown;
  readonly default: unknown;
  readonly sentence: string;
}

export interface UserInForce {
  readonly name: string;
  readonly accessKeys: readonly { readonly accessKeyId: string; readonly enabled: boolean }[];
  /** How many bearer tokens the user has. */
  readonly tokens: number;
  readonly policies: readonly unknown[];
}

export interface ExportedText {
  readonly text: string;
  readonly notes: readonly string[];
}

/** What a handler returns when the answer is more than a JSON value. */
export class RawAnswer {
  readonly reply: StreamReply;
  constructor(reply: StreamReply) {
    this.reply = reply;
  }
}
