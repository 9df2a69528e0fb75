/**
 * What a stage may do that Amazon API Gateway does not. Each setting is a stage tag named `postern:` and
 * the setting, which every AWS tool can write; without it a stage behaves as on AWS. The documents,
 * `postern.yaml`, the checks and `x-postern` in answers all derive from this table.
 */
import { limits } from '../wire/limits.ts';
import {
  type ExtensionRow,
  expectedOf,
  flag,
  list,
  number,
  readValue,
  text,
  unsetValue,
  type ValueOf,
  word,
} from './extension-row.ts';
import { KEYS_PLACE, TOKEN_SOURCE } from './jwt-places.ts';
import { badRequest } from './problems.ts';
import { type Dictionary, own } from './record.ts';
import { MARKER_TAGS } from './tags.ts';

/** Scheme, host and port; the first name of the host may be a `*`. `null` is what sandboxed pages send. */
const ORIGIN =
  /^(?:null|[a-z][a-z0-9+.-]*:\/\/(?:\*\.)?(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?)$/;

export const stageExtensions = {
  idleTimeoutSeconds: number({
    aws: limits.idleTimeoutSeconds,
    min: 0,
    max: 31_536_000,
    unit: 'seconds',
    sentence: 'A connection on which nothing moved for so long is closed with 1001. 0: never.',
  }),
  connectionDurationSeconds: number({
    aws: limits.connectionDurationSeconds,
    min: 0,
    max: 31_536_000,
    unit: 'seconds',
    sentence: 'A connection that is so old is closed with 1001, however busy. 0: never.',
  }),
  frameBytesMax: number({
    aws: limits.frameBytesMax,
    min: 1024,
    max: 10_485_760,
    unit: 'bytes',
    sentence:
      'Payload of one frame; a client that sends more is closed with 1009, a longer push or reply ' +
      'goes out in several frames.',
  }),
  messageBytesMax: number({
    aws: limits.messageBytesMax,
    min: 1024,
    max: 10_485_760,
    unit: 'bytes',
    sentence:
      'Length of one message: beyond it a client is closed with 1009, a push is answered 413, a ' +
      'reply becomes `Internal server error`. A browser sends one frame per message, so raise ' +
      '`frameBytesMax` with it.',
  }),
  binaryFrames: flag(
    'Binary messages are handed to the integration as bytes (`Content-Type: ' +
      'application/octet-stream`; base64 for Lambda) on the route `$default`, and a push or reply ' +
      'that is not UTF-8 goes out as a binary message. AWS closes with 1003, and sends U+FFFD.',
  ),
  orderedMessages: flag(
    'Messages of one connection are processed one at a time, in the order they were sent, and ' +
      '`$disconnect` after the last. AWS processes them side by side.',
  ),
  pushDuringConnect: flag(
    'A push to a connection whose `$connect` is still running is answered 200, kept, and delivered ' +
      'right after the 101; a refused handshake drops it. AWS answers 410.',
  ),
  pingIntervalSeconds: number({
    aws: 0,
    min: 0,
    max: 86_400,
    unit: 'seconds',
    sentence:
      'How often a client is sent a ping. One that sends nothing at all until the next is gone ' +
      '(1006). A pong is no activity for the idle timeout. 0: no pings.',
  }),
  permessageDeflate: flag(
    'Messages are compressed (RFC 7692) for clients that offer it. `frameBytesMax` then counts a ' +
      'frame as sent, `messageBytesMax` a message as inflated.',
  ),
  suppressEmptyReplies: flag(
    'A two-way route whose integration answers with an empty body sends nothing. AWS sends an ' +
      'empty message.',
  ),
  apiKeyQueryParameter: text({
    matches: /^[A-Za-z0-9._-]{1,64}$/,
    values: 'a name',
    expected: 'a name of 1 to 64 letters, digits, ., _ and -',
    sentence:
      'Query parameter of the handshake that may hold the API key where `x-api-key` is missing: a ' +
      'browser can set no header. AWS reads no key from the query.',
  }),
  allowedOrigins: list({
    matches: ORIGIN,
    values: 'origins',
    expected: 'origins such as https://app.example.com or https://*.example.com, spaces between',
    sentence:
      'Whose pages may connect: a handshake whose `Origin` is none of them is refused with 403. One ' +
      'without `Origin` comes from no browser, and is let in. AWS lets every page in.',
  }),
  connectsPerSecondPerAddressMax: number({
    aws: 0,
    min: 0,
    max: 1_000_000,
    unit: 'connections',
    sentence:
      'New connections a second from one client address, as many at once; 429 beyond. 0: any ' +
      'number.',
  }),
  connectionsPerAddressMax: number({
    aws: 0,
    min: 0,
    max: 1_000_000,
    unit: 'connections',
    sentence:
      'Connections of one client address that may be open, or waiting for `$connect`, at a time; 429 ' +
      'beyond. 0: any number.',
  }),
  jwtIssuer: text({
    matches: /^\S{1,256}$/,
    values: 'an issuer',
    expected: 'an issuer without spaces, such as https://id.example.com/',
    sentence:
      'Every handshake must show a JSON Web Token with this `iss`, or is refused with 401. Needs ' +
      '`jwtAudience` and `jwtKeys`. AWS verifies tokens for HTTP APIs only.',
  }),
  jwtAudience: list({
    matches: /^\S+$/,
    values: 'audiences',
    expected: 'one or more audiences, spaces between',
    sentence:
      'One of them must be in the `aud` of the token, or its `client_id` where it has no `aud`.',
  }),
  jwtKeys: text({
    matches: KEYS_PLACE,
    values: 'a URL, a file',
    expected: 'an http or https URL, or a .json file below the folder of postern.yaml',
    sentence: 'JSON Web Key Set with the public keys that sign the tokens.',
  }),
  jwtSource: list({
    matches: TOKEN_SOURCE,
    values: 'places',
    expected:
      'route.request.header.NAME, route.request.querystring.NAME or protocol.NAME, spaces between',
    sentence:
      'Where the token is: a header (`Bearer` before it or not), a query parameter, or the ' +
      'sub-protocol after NAME. Off: `route.request.header.Authorization`.',
  }),
  jwtClaims: list({
    matches: /^\S+$/,
    values: 'names',
    expected: 'names of claims, spaces between',
    sentence:
      'Claims that become `context.authorizer.NAME`. Off: all. `sub` is `principalId` as well.',
  }),
  jwtCloseAtExpiry: flag(
    'A connection is closed with 1008 when the token it was let in with expires. Without, it lives on.',
  ),
  disconnectAttempts: number({
    aws: 1,
    unset: { value: 0, words: '`disconnectAttemptsMax` of the gateway' },
    min: 1,
    max: 1000,
    unit: 'attempts',
    sentence:
      'How often `$disconnect` is tried until its integration answers 2xx; then it is a dead letter. ' +
      '1: as on AWS, tried once, and lost with the process.',
  }),
  slowClients: word({
    aws: 'reject',
    words: ['reject', 'dropOldest', 'close'],
    sentence:
      'What becomes of a push for which the queue of a slow client has no room. `reject`: it is ' +
      'answered 429. `dropOldest`: what waits longest gives way. `close`: the connection is closed with ' +
      '1008, and the push is answered 410.',
  }),
} as const satisfies Dictionary<ExtensionRow>;

export type ExtensionName = keyof typeof stageExtensions;

/** Every setting of a stage, frozen. */
export type StageExtensions = {
  readonly [Name in ExtensionName]: ValueOf[(typeof stageExtensions)[Name]['kind']];
};

export const EXTENSION_TAG_PREFIX = 'postern:';
export const extensionNames = Object.keys(stageExtensions) as ExtensionName[];

/** What holds without a tag of ours: AWS's behaviour, but for `unset`. Such stages share this object. */
export const awsBehaviour: StageExtensions = Object.freeze(
  Object.fromEntries(extensionNames.map((name) => [name, unsetValue(stageExtensions[name])])),
) as StageExtensions;

/** The settings of a stage with these tags. Tags that say nothing valid count for nothing. */
export function readExtensions(tags: Dictionary<string>): StageExtensions {
  const given = extensionNames
    .map((name) => [name, parse(name, own(tags, EXTENSION_TAG_PREFIX + name))] as const)
    .filter(([name, value]) => value !== undefined && value !== awsBehaviour[name]);
  if (given.length === 0) return awsBehaviour;
  return Object.freeze({ ...awsBehaviour, ...Object.fromEntries(given) }) as StageExtensions;
}

/** Throws a `BadRequestException` for a tag that looks like one of ours and is none, or is wrong. */
export function assertExtensionTags(tags: Dictionary<string>): void {
  for (const [key, value] of Object.entries(tags)) {
    if (!key.startsWith(EXTENSION_TAG_PREFIX) || MARKER_TAGS.includes(key)) continue;
    const name = extensionNames.find((one) => EXTENSION_TAG_PREFIX + one === key);
    if (name === undefined) {
      throw badRequest(
        `Invalid tag key: ${key}. Tags of a stage that start with ${EXTENSION_TAG_PREFIX} are its ` +
          `settings: ${extensionNames.join(', ')}`,
      );
    }
    if (parse(name, value) === undefined) {
      throw badRequest(`Invalid tag value of key ${key}. Must be ${expected(name)}`);
    }
  }
}

/** What the setting must be, in words. */
export const expected = (name: ExtensionName) => expectedOf(stageExtensions[name]);

/** The member `x-postern` of a stage in answers; empty where none of its settings is set. */
export function extensionView(tags: Dictionary<string>): Dictionary<unknown> {
  const extensions = readExtensions(tags);
  const differing = extensionNames.filter((name) => extensions[name] !== awsBehaviour[name]);
  if (differing.length === 0) return {};
  const values = differing.map((name) => [name, extensions[name]]);
  const differsFromAws = differing.filter((name) => extensions[name] !== stageExtensions[name].aws);
  return { 'x-postern': { ...Object.fromEntries(values), differsFromAws } };
}

function parse(name: ExtensionName, tag: string | undefined) {
  return tag === undefined ? undefined : readValue(stageExtensions[name], tag);
}
