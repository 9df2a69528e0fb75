/** A gateway that runs elsewhere, as the commands that manage one call it: over HTTP, signed. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { credentialsIn } from '../backends/lambda/credentials.ts';
import { signRequest } from '../iam/sign.ts';
import { ApplyError, type ControlCall } from '../templates/control-client.ts';
import { pathOf, queryOf } from '../wire/request-url.ts';
import { parsed, textOf } from './answer.ts';

export interface GatewayClientOptions {
  /** Base URL, such as `http://127.0.0.1:4080`. */
  readonly endpoint: string;
  readonly region: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const TIMEOUT_MILLIS = 60_000;

/** One request to that gateway, below its base URL. */
export interface GatewayRequest {
  readonly method: string;
  /** Encoded path with its query. */
  readonly target: string;
  readonly body: Buffer;
  readonly contentType: string;
  /** Goes on for as long as both like: no time is too long. */
  readonly isStream?: boolean;
}

/** Control-plane calls to that gateway. Rejects with `ApplyError` when it cannot be reached. */
export function gatewayClient(options: GatewayClientOptions): ControlCall {
  return async (method, target, body) => {
    const text = Buffer.from(body === undefined ? '' : JSON.stringify(body));
    const request = { method, target, body: text, contentType: 'application/json' };
    const answer = await openRequest(options, request);
    const words = await textOf(answer);
    return { status: answer.statusCode ?? 0, body: words === '' ? undefined : parsed(words) };
  };
}

/**
 * Sends it with the token of `POSTERN_TOKEN`, or else signed with the AWS credentials of the environment;
 * resolves with the answer's head. Rejects with `ApplyError` when nobody answers, and when the gateway
 * wants to know who asks and nobody has said.
 */
export async function openRequest(
  options: GatewayClientOptions,
  { method, target, body, contentType, isStream = false }: GatewayRequest,
): Promise<IncomingMessage> {
  const { endpoint, region, env } = options;
  const base = endpoint.replace(/\/+$/, '');
  const url = new URL(base + target);
  const whole = `${new URL(base).pathname.replace(/\/$/, '')}${target}`;
  const headers = { Host: url.host, 'Content-Type': contentType };
  const { POSTERN_TOKEN: token } = env;
  const proof = token
    ? { Authorization: `Bearer ${token}` }
    : signRequest(
        {
          method,
          path: pathOf(whole),
          query: queryOf(whole),
          rawHeaders: Object.entries(headers).flat(),
          body,
        },
        { credentials: credentialsIn(env), region, service: 'apigateway', now: Date.now() },
      );
  const response = await open(url, whole, method, { ...headers, ...proof }, body, isStream);
  const isNobody = !token && !env.AWS_ACCESS_KEY_ID;
  if (isNobody && response.headers['x-amzn-errortype'] === 'UnrecognizedClientException') {
    response.resume();
    throw new ApplyError(WHO_ASKS);
  }
  return response;
}

const WHO_ASKS =
  'This gateway wants to know who asks. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a key of a user ' +
  'in its postern.yaml, or POSTERN_TOKEN to a token.';

/** The account the gateway says its caller belongs to; `undefined` when it does not say. */
export async function accountOf(options: GatewayClientOptions): Promise<string | undefined> {
  const { endpoint, region, env } = options;
  const url = new URL(`${endpoint.replace(/\/+$/, '')}/`);
  const body = Buffer.from('Action=GetCallerIdentity&Version=2011-06-15');
  const headers = { Host: url.host, 'Content-Type': 'application/x-www-form-urlencoded' };
  const signature = signRequest(
    {
      method: 'POST',
      path: url.pathname,
      query: '',
      rawHeaders: Object.entries(headers).flat(),
      body,
    },
    { credentials: credentialsIn(env), region, service: 'sts', now: Date.now() },
  );
  const answer = await open(url, url.pathname, 'POST', { ...headers, ...signature }, body);
  return /<Account>(\d{12})<\/Account>/.exec(await textOf(answer))?.[1];
}

function open(
  url: URL,
  target: string,
  method: string,
  headers: Record<string, string>,
  body: Buffer,
  isStream = false,
): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: url.hostname.replace(/^\[|\]$/g, ''),
        port: url.port,
        path: target,
        method,
        headers: { ...headers, 'Content-Length': body.length },
        ...(!isStream && { timeout: TIMEOUT_MILLIS }),
      },
      resolve,
    );
    call.on('timeout', () => call.destroy(new Error(`no answer within ${TIMEOUT_MILLIS} ms`)));
    call.on('error', (error: NodeJS.ErrnoException) => reject(unreachable(url, error)));
    call.end(body);
  });
}

function unreachable(url: URL, { code, message }: NodeJS.ErrnoException): ApplyError {
  if (code !== 'ECONNREFUSED') return new ApplyError(`Cannot reach ${url.origin}: ${message}`);
  return new ApplyError(
    `No gateway answers at ${url.origin}. Start one with postern dev or postern start, or name ` +
      'another with --endpoint.',
  );
}
