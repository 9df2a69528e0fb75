import { limits } from '../wire/limits.ts';
import {
  addressList,
  choice,
  engineAddress,
  hosts,
  integer,
  optionalInteger,
  optionalText,
  type Setting,
  switched,
  text,
  workerCount,
} from './setting.ts';

const FILES = /^[^,]+(?:,[^,]+)*$/;

/**
 * Every setting of the gateway. The key is its name in `postern.yaml`; the flag is the key in
 * kebab-case (`--public-url`), the environment variable in capitals (`POSTERN_PUBLIC_URL`).
 */
export const settings = {
  port: setting({
    type: integer(0, 65_535, 'PORT'),
    default: 4080,
    sentence: 'Port to listen on; 0 picks a free one and prints it.',
  }),
  host: setting({
    type: text(/^\S+$/, 'a host name or an address', 'HOST'),
    default: '127.0.0.1',
    sentence: 'Address to listen on; anything but loopback needs `postern start` and access keys.',
  }),
  adminPort: setting({
    type: optionalInteger(0, 65_535, 'PORT'),
    default: undefined,
    sentence:
      'Port of the control plane; 4081 when left out and host is not loopback; same as port: one for all.',
    only: 'start',
  }),
  adminHost: setting({
    type: text(/^\S+$/, 'a host name or an address', 'HOST'),
    default: '127.0.0.1',
    sentence: 'Address of the admin port; anything but loopback needs access keys.',
    only: 'start',
  }),
  publicUrl: setting({
    type: optionalText(/^https?:\/\/[^\s/?#]+[^\s?#]*$/, 'an http or https URL', 'URL'),
    default: undefined,
    sentence: 'Where clients and backends reach the gateway, when a proxy stands in front of it.',
  }),
  account: setting({
    type: text(/^\d{12}$/, 'twelve digits', 'ID'),
    default: '000000000000',
    sentence: 'AWS account id in ARNs and events.',
  }),
  region: setting({
    type: text(/^[a-z0-9-]{1,32}$/, 'a region such as us-east-1', 'REGION'),
    default: 'us-east-1',
    sentence: 'AWS region in ARNs.',
  }),
  data: setting({
    type: text(/./, 'a folder', 'FOLDER'),
    default: '.postern',
    sentence: 'Folder that keeps APIs and deployments, relative to the working directory.',
  }),
  ephemeral: setting({
    type: switched(),
    default: false,
    sentence: 'Keep nothing: use a temporary folder, removed when the gateway stops.',
  }),
  engine: setting({
    type: engineAddress(),
    default: 'embedded',
    sentence:
      'Where state lives: embedded (the data folder), or the address of Redis, such as redis://host:6379.',
  }),
  workers: setting({
    type: workerCount(),
    default: 1,
    unit: 'processes',
    sentence: 'Processes that serve the port together; auto: one for each processor.',
  }),
  workerSpread: setting({
    type: choice(['turns', 'kernel']),
    default: 'turns',
    sentence:
      'How workers come by connections: each in turn; or as the kernel wakes them, cheaper and less even.',
  }),
  config: setting({
    type: optionalText(/./, 'a file', 'FILE'),
    default: undefined,
    sentence: 'Configuration file; when left out, postern.yaml if there is one.',
    isInFile: false,
  }),
  backend: setting({
    type: optionalText(/^https?:\/\/[^\s/?#]+[^\s?#]*$/, 'an http or https URL', 'URL'),
    default: undefined,
    sentence:
      'Serve an API named default whose three routes call URL/ws/connect, /ws/disconnect and /ws/message.',
    only: 'dev',
  }),
  verbose: setting({
    type: switched(),
    default: false,
    sentence: 'Add apiId, stage, requestId and bytes to the lines of the live log.',
    only: 'dev',
  }),
  trustedProxies: setting({
    type: addressList(),
    default: '',
    sentence: 'Addresses and ranges, comma-separated, from which X-Forwarded-For is believed.',
  }),
  proxyProtocol: setting({
    type: switched(),
    default: false,
    sentence:
      'Connections of trustedProxies begin with a PROXY header (version 1 or 2), which names the client.',
  }),
  backendsDenied: setting({
    type: hosts(),
    default: 'metadata',
    sentence:
      'Hosts never called: names, *.names, addresses, ranges, or the words metadata and private.',
  }),
  backendsAllowed: setting({
    type: hosts(),
    default: '',
    sentence: 'Hosts that are called although they are denied, in the same form.',
  }),
  backendsCa: setting({
    type: optionalText(/./, 'a file', 'FILE'),
    default: undefined,
    sentence:
      'PEM file of authorities that https backends may have certificates of, beside the usual.',
  }),
  backendSigningKeyFile: setting({
    type: optionalText(/./, 'a file', 'FILE'),
    default: undefined,
    sentence:
      'File whose first line is the key that signs calls of HTTP backends. Read again when it changes.',
  }),
  lambdaEndpoint: setting({
    type: optionalText(/^https?:\/\/[^\s/?#]+[^\s?#]*$/, 'an http or https URL', 'URL'),
    default: undefined,
    sentence:
      'Where Lambda functions are called that run nowhere else; AWS_ENDPOINT_URL_LAMBDA when left out.',
  }),
  stageLogs: setting({
    type: text(
      /^(?:https?:\/\/\S+|(?!https?:|\w+:\/\/).+)$/,
      'stdout, off, a folder or a URL',
      'WHERE',
    ),
    default: 'stdout',
    sentence:
      'Where stages write what AWS keeps in CloudWatch: stdout, off, a folder, or an http(s) URL.',
  }),
  lenient: setting({
    type: switched(),
    default: false,
    sentence: 'Take control-plane values that AWS would refuse; only their types are checked.',
  }),
  httpAuthorizers: setting({
    type: switched(),
    default: false,
    sentence:
      'Take an http or https URL as authorizerUri: the endpoint is asked as a Lambda function would be.',
  }),
  singleUseSignatures: setting({
    type: choice(['none', 'presigned', 'all']),
    default: 'none',
    sentence:
      'Which signatures are refused when they come a second time: none, as on AWS; those of presigned URLs; all.',
    only: 'start',
  }),
  drainSeconds: setting({
    type: integer(0, 3600, 'SECONDS'),
    default: 25,
    unit: 'seconds',
    sentence: 'How long work under way may take to finish when the gateway stops.',
  }),
  drainDelaySeconds: setting({
    type: integer(0, 3600, 'SECONDS'),
    default: 0,
    unit: 'seconds',
    sentence: 'How long a stopping gateway still accepts while /@health/ready already says 503.',
  }),
  drainSpreadSeconds: setting({
    type: integer(0, 3600, 'SECONDS'),
    default: 10,
    unit: 'seconds',
    sentence:
      'Over how long a stopping gateway closes its connections, at most half of drainSeconds. 0: at once.',
  }),
  handshakeTimeoutSeconds: setting({
    type: integer(1, 300, 'SECONDS'),
    default: 10,
    unit: 'seconds',
    sentence:
      'How long a client may take for its first byte, its TLS handshake, and the head of its request.',
  }),
  tlsCert: setting({
    type: optionalText(FILES, 'files, comma-separated', 'FILES'),
    default: undefined,
    sentence:
      'PEM file of a certificate and its chain: the port speaks TLS only. Several: each for its names.',
    only: 'start',
  }),
  tlsKey: setting({
    type: optionalText(FILES, 'files, comma-separated', 'FILES'),
    default: undefined,
    sentence:
      'PEM file of the private key of --tls-cert; several in the same order. Read again when they change.',
    only: 'start',
  }),
  tlsClientCa: setting({
    type: optionalText(/./, 'a file', 'FILE'),
    default: undefined,
    sentence:
      'PEM file of authorities: TLS clients must show a certificate of one of them. Read again as well.',
    only: 'start',
  }),
  connectionsMax: setting({
    type: integer(0, 10_000_000, 'COUNT'),
    default: 0,
    unit: 'connections',
    sentence:
      'TCP connections of the public port, per process; one more is closed at once. 0: any number.',
  }),
  connectsPerSecondMax: setting({
    type: integer(0, 1_000_000, 'COUNT'),
    default: 0,
    unit: 'connections',
    sentence: 'New connections a second, refused with 429 beyond; 0: any number. AWS: 500.',
  }),
  accountRateLimit: setting({
    type: integer(0, 10_000_000, 'COUNT'),
    default: 0,
    unit: 'requests',
    sentence:
      'Handshakes, messages and @connections calls a second of all APIs together; 0: any number. AWS: 10000.',
  }),
  accountBurstLimit: setting({
    type: integer(1, 10_000_000, 'COUNT'),
    default: limits.accountBurstLimit,
    unit: 'requests',
    sentence: 'How many of them may come at once, where accountRateLimit is set.',
  }),
  messagesInFlightMax: setting({
    type: integer(1, 100_000, 'COUNT'),
    default: 100,
    unit: 'messages',
    sentence: 'Messages of one connection in processing; further ones wait in its socket.',
  }),
  sendQueueBytesMax: setting({
    type: integer(131_072, 1_073_741_824, 'BYTES'),
    default: 1_048_576,
    unit: 'bytes',
    sentence: 'Bytes that may wait for a client that reads slowly; a push beyond is refused.',
  }),
  sendQueueMessagesMax: setting({
    type: integer(1, 1_000_000, 'COUNT'),
    default: 10_000,
    unit: 'messages',
    sentence: 'Messages that may wait for a client that reads slowly; a push beyond is refused.',
  }),
  disconnectAttemptsMax: setting({
    type: integer(1, 1000, 'COUNT'),
    default: 20,
    unit: 'attempts',
    sentence:
      'How often $disconnect is tried before it is a dead letter. 1: as on AWS, once and not kept.',
  }),
  disconnectRetrySeconds: setting({
    type: integer(1, 3600, 'SECONDS'),
    default: 1,
    unit: 'seconds',
    sentence:
      'How long after its first attempt $disconnect is tried again; each further wait doubles.',
  }),
  disconnectRetryMaxSeconds: setting({
    type: integer(1, 86_400, 'SECONDS'),
    default: 300,
    unit: 'seconds',
    sentence: 'The longest wait between two attempts of $disconnect.',
  }),
  deadLettersMax: setting({
    type: integer(1, 10_000_000, 'COUNT'),
    default: 100_000,
    unit: 'letters',
    sentence: 'Dead letters that are kept; beyond, the oldest are dropped.',
  }),
  backendConnectionsMax: setting({
    type: integer(1, 65_535, 'COUNT'),
    default: 256,
    unit: 'connections',
    sentence: 'Open connections to one backend origin; further calls wait their turn.',
  }),
};

export type SettingKey = keyof typeof settings;

/** The settings in force: read once, frozen. Holds no secrets, so it may be printed. */
export type Configuration = {
  readonly [Key in SettingKey]: (typeof settings)[Key] extends Setting<infer Value> ? Value : never;
};

export type Mode = 'dev' | 'start';

/** What holds when nobody says anything. */
export const defaultConfiguration = Object.freeze(
  Object.fromEntries(allSettings().map(([key, row]) => [key, row.default])),
) as Configuration;

/** The rows a command knows, in the order of the table. */
export function settingsOf(mode: Mode): [SettingKey, Setting<unknown>][] {
  return allSettings().filter(([, { only }]) => only === undefined || only === mode);
}

export function allSettings(): [SettingKey, Setting<unknown>][] {
  return Object.entries(settings) as [SettingKey, Setting<unknown>][];
}

/** `publicUrl` → `public-url` */
export function flagOf(key: SettingKey): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `publicUrl` → `POSTERN_PUBLIC_URL` */
export function environmentNameOf(key: SettingKey): string {
  return `POSTERN_${flagOf(key).replaceAll('-', '_').toUpperCase()}`;
}

function setting<Value>(row: Setting<Value>): Setting<Value> {
  return row;
}
