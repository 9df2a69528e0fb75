/** One HTTP request and its answer, whatever happens on the way. */
import { type Agent, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Ambient } from '../ambient.ts';
import { limits } from '../limits.ts';
import type { Endpoint } from './endpoint.ts';

export interface ExchangeRequest {
  readonly endpoint: Endpoint;
  readonly method: string;
  /** Path exactly as it goes on the wire. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly agent: Agent;
  readonly timeoutMillis: number;
}

export type Outcome =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** Value of the header `x-amzn-ErrorType`. */
      readonly errorType: string | undefined;
      readonly text: string;
    }
  /** The connection failed before a status came: the request may be sent again. */
  | { readonly kind: 'no-connection'; readonly error: Error }
  /** No complete answer in time: the gateway may have acted on the request. */
  | { readonly kind: 'timeout' };

/** Sends the request once. Never rejects. */
export function exchange(call: ExchangeRequest, ambient: Ambient): Promise<Outcome> {
  const { endpoint, method, path, headers, body, agent } = call;
  const send = endpoint.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve) => {
    const request = send({
      hostname: endpoint.hostname.replace(/^\[|\]$/g, ''),
      port: endpoint.port,
      method,
      path,
      headers: { ...headers, 'content-length': body.length },
      agent,
    });
    const cancelTimeout = ambient.after(call.timeoutMillis, () => {
      finish({ kind: 'timeout' });
      request.destroy();
    });
    const finish = (outcome: Outcome) => {
      cancelTimeout();
      resolve(outcome);
    };
    request.on('error', (error) => finish({ kind: 'no-connection', error }));
    request.on('response', (response) => {
      readText(response, (text) => {
        const errorType = response.headers['x-amzn-errortype'];
        finish({
          kind: 'answer',
          status: response.statusCode ?? 0,
          errorType: Array.isArray(errorType) ? errorType[0] : errorType,
          text,
        });
      });
    });
    request.end(body);
  });
}

/** The answer's text up to the limit. The status is known, so a body cut short is no failure. */
function readText(response: IncomingMessage, done: (text: string) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= limits.answerBytesMax) chunks.push(chunk);
    else response.destroy();
  });
  response.on('error', () => {});
  response.on('close', () => done(Buffer.concat(chunks).toString('utf8')));
}
