/**
 * A function behind an endpoint: Amazon's, or anything that answers Lambda's `Invoke`
 * (`POST /2015-03-31/functions/{name}/invocations`). Each call is signed.
 */
import type { Clock } from '../../ambient/clock.ts';
import { type SigningCredentials, signRequest } from '../../iam/sign.ts';
import {
  BackendError,
  type BackendFailure,
  type HttpAnswer,
  type HttpCaller,
} from '../http-caller.ts';
import type { LambdaAnswer, LambdaCall, LambdaCallSource } from './lambda-call.ts';
import { LambdaError, type LambdaFailure } from './lambda-error.ts';

export interface RemoteOptions {
  readonly http: HttpCaller;
  readonly clock: Clock;
  readonly credentials: SigningCredentials;
  readonly region: string;
  readonly account: string;
}

export async function callRemoteFunction(
  endpoint: string,
  call: LambdaCall,
  options: RemoteOptions,
): Promise<LambdaAnswer> {
  const target = new URL(endpoint);
  const prefix = target.pathname.replace(/\/+$/, '');
  const path = `${prefix}/2015-03-31/functions/${encodeURIComponent(call.functionName)}/invocations`;
  const query = call.qualifier ? `Qualifier=${encodeURIComponent(call.qualifier)}` : '';
  const headers = signedHeaders({ host: target.host, path, query, call }, options);
  let answer: HttpAnswer;
  try {
    answer = await options.http.call({
      origin: target.origin,
      path: query ? `${path}?${query}` : path,
      method: 'POST',
      headers,
      body: call.payload,
      timeoutMillis: call.timeoutMillis,
      wantsBody: true,
    });
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    throw new LambdaError(failures[error.failure], `${target.origin}: ${error.message}`);
  }
  return readAnswer(answer, call);
}

interface Target {
  readonly host: string;
  readonly path: string;
  readonly query: string;
  readonly call: LambdaCall;
}

function signedHeaders({ host, path, query, call }: Target, options: RemoteOptions): string[] {
  const headers = [
    ...['Host', host],
    ...['Content-Type', 'application/json'],
    ...['Accept', 'application/json'],
    ...['X-Amz-Invocation-Type', call.invocationType],
  ];
  headers.push(...traceOf(call));
  if (call.source !== undefined) headers.push(...sourceHeaders(call.source, options));
  const signature = signRequest(
    { method: 'POST', path, query, rawHeaders: headers, body: call.payload },
    {
      credentials: options.credentials,
      region: options.region,
      service: 'lambda',
      now: options.clock.now(),
    },
  );
  return [...headers, ...Object.entries(signature).flat()];
}

/** AWS's own header once: a propagator may have written it as well. */
function traceOf({ traceId, traceHeaders = [] }: LambdaCall): string[] {
  if (traceId === undefined) return [...traceHeaders];
  const isOther = (name = '') => name.toLowerCase() !== 'x-amzn-trace-id';
  const others = traceHeaders.filter((_, at) => isOther(traceHeaders[at - (at % 2)]));
  return ['X-Amzn-Trace-Id', traceId, ...others];
}

/** What API Gateway's own calls were recorded to carry. */
function sourceHeaders(
  { apiId, path, requestId }: LambdaCallSource,
  { region, account }: RemoteOptions,
): string[] {
  return [
    ...['User-Agent', `AmazonAPIGateway_${apiId}`],
    ...['X-Amzn-Apigateway-Api-Id', apiId],
    ...['X-Amzn-Lambda-Integration-Tag', requestId],
    ...['X-Amz-Source-Arn', `arn:aws:execute-api:${region}:${account}:${apiId}/${path}`],
  ];
}

const failures: Record<BackendFailure, LambdaFailure> = {
  timeout: 'timeout',
  tls: 'unreachable',
  unreachable: 'unreachable',
  garbled: 'garbled',
  tooLarge: 'garbled',
};

const EXPECTED_STATUS = { RequestResponse: 200, Event: 202 } as const;

function readAnswer({ status, headers, body }: HttpAnswer, call: LambdaCall): LambdaAnswer {
  if (status !== EXPECTED_STATUS[call.invocationType]) throw refusal({ status, headers, body });
  const functionError = one(headers['x-amz-function-error']);
  return {
    payload: body,
    ...(functionError !== undefined && { functionError }),
    requestId: one(headers['x-amzn-requestid']) ?? call.requestId ?? '',
    status,
  };
}

const REFUSALS: Readonly<Record<number, LambdaFailure>> = {
  403: 'accessDenied',
  404: 'notFound',
  413: 'tooLarge',
  429: 'throttled',
};

/** Lambda names the exception in a header and explains it in the body; emulators do one or other. */
function refusal({ status, headers, body }: HttpAnswer): LambdaError {
  const document = parseObject(body);
  const type = one(headers['x-amzn-errortype']) ?? text(document.__type) ?? text(document.Type);
  const message = text(document.Message) ?? text(document.message);
  const words = [type?.replace(/:.*$/, ''), message].filter((word) => word !== undefined);
  const isLambda = words.length > 0;
  return new LambdaError(
    REFUSALS[status] ?? (isLambda ? 'refused' : 'garbled'),
    `the Lambda endpoint answered ${[status, ...words].join(' ')}`,
  );
}

function parseObject(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

const one = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);
