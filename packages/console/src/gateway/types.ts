/** What the gateway answers, as far as the console reads it (docs/operations-api.md). */
export interface Version {
  readonly version: string;
  readonly mode: 'dev' | 'start';
  readonly account: string;
  readonly region: string;
  readonly node: string;
  readonly nodejs: string;
  readonly startedAt: string;
  readonly url: string;
  /** Present where operators have a port of their own. */
  readonly adminUrl?: string;
}

export interface Connection {
  readonly connectionId: string;
  readonly apiId: string;
  readonly stage: string;
  readonly node: string;
  readonly connectedAt: string;
  readonly lastActiveAt: string;
  readonly domainName: string;
  readonly sourceIp: string;
  readonly userAgent?: string;
  readonly principal?: string;
  readonly authorizer?: Readonly<Record<string, string | number>>;
  readonly messagesInFlight: number;
  readonly bytesUnread: number;
}

export interface ConnectionPage {
  readonly items: readonly Connection[];
  readonly total: number;
  readonly open: number;
  readonly nextToken?: string;
}

export interface GatewayNode {
  readonly node: string;
  readonly state: string;
  readonly connections: number;
  readonly startedAt: string;
  readonly uptimeSeconds: number;
  readonly pid: number;
  readonly memoryBytes: number;
  readonly heapBytes: number;
}

export interface StageChanges {
  readonly apiId: string;
  readonly stage: string;
  readonly deploymentId?: string;
  readonly deployedAt?: string;
  readonly autoDeploy: boolean;
  readonly items: readonly ResourceChange[];
}

export interface ResourceChange {
  readonly kind: string;
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly fields: readonly FieldChange[];
}

export interface FieldChange {
  readonly field: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

export interface Configuration {
  readonly settings: readonly {
    readonly key: string;
    readonly value: unknown;
    readonly default: unknown;
    readonly sentence: string;
  }[];
  readonly users: readonly {
    readonly name: string;
    readonly accessKeys: readonly { readonly accessKeyId: string; readonly enabled: boolean }[];
    readonly tokens: number;
    readonly policies: readonly unknown[];
  }[];
}

/* Of the control plane. */

export interface Api {
  readonly apiId: string;
  readonly name: string;
  readonly protocolType: string;
  readonly routeSelectionExpression: string;
  readonly apiEndpoint: string;
  readonly description?: string;
}

export interface Route {
  readonly routeId: string;
  readonly routeKey: string;
  readonly target?: string;
  readonly authorizationType?: string;
  readonly authorizerId?: string;
  readonly apiKeyRequired?: boolean;
  readonly routeResponseSelectionExpression?: string;
  readonly modelSelectionExpression?: string;
}

export interface Integration {
  readonly integrationId: string;
  readonly integrationType: string;
  readonly integrationUri?: string;
  readonly integrationMethod?: string;
  readonly timeoutInMillis?: number;
  readonly passthroughBehavior?: string;
  readonly requestParameters?: Readonly<Record<string, string>>;
  readonly requestTemplates?: Readonly<Record<string, string>>;
  readonly contentHandlingStrategy?: string;
}

export interface Stage {
  readonly stageName: string;
  readonly deploymentId?: string;
  readonly autoDeploy?: boolean;
  readonly description?: string;
  readonly stageVariables?: Readonly<Record<string, string>>;
  readonly lastUpdatedDate?: string;
  readonly defaultRouteSettings?: Readonly<Record<string, unknown>>;
  readonly tags?: Readonly<Record<string, string>>;
  /** What a stage does that AWS's do not. */
  readonly 'x-postern'?: Readonly<Record<string, unknown>>;
}

export interface Authorizer {
  readonly authorizerId: string;
  readonly name: string;
  readonly authorizerType: string;
}

/* Of the trace. */

export type EventKind =
  | 'connect'
  | 'message'
  | 'push'
  | 'fan-out'
  | 'get'
  | 'delete'
  | 'disconnect'
  | 'control';

export interface TraceStep {
  readonly name: string;
  readonly startMillis: number;
  readonly durationMillis: number;
  readonly method?: string;
  readonly url?: string;
  readonly status?: number;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
  readonly bytes?: number;
  readonly note?: string;
}

export interface TraceRecord {
  readonly id: number;
  /** Where it happened; absent where only one node is listened to. */
  readonly node?: string;
  readonly at: number;
  readonly kind: EventKind;
  readonly apiId?: string;
  readonly stage?: string;
  readonly connectionId?: string;
  readonly requestId?: string;
  readonly route?: string;
  readonly status: number;
  readonly millis: number;
  readonly reason?: string;
  /** Name of the rule that refused or ended it. */
  readonly rule?: string;
  /** The rule in a sentence. */
  readonly ruleSays?: string;
  readonly bytes?: number;
  /** Of a fan-out: to how many connections the message went, and what became of the others. */
  readonly delivered?: number;
  readonly refused?: number;
  readonly gone?: number;
  readonly isDetailed: boolean;
  readonly steps: readonly TraceStep[];
  readonly lines: readonly string[];
}
