/**
 * `/@api/…`: what an operator asks a running gateway, over HTTP and JSON; the console and the commands
 * are its callers. Who may is decided before a handler runs: `resolve` names the permission.
 */
import { ServiceException } from '../wire/exceptions.ts';
import type { HttpReply, StreamReply } from '../wire/http-reply.ts';
import { type Operation, type OperationsContext, RawAnswer } from './operation.ts';
import { operations } from './operations.ts';

export const OPERATIONS_PATH = '/@api';
/** A message of the longest a stage may allow fits. */
export const OPERATIONS_BODY_BYTES_MAX = 8 * 1024 * 1024;

export interface OperationsRequest {
  readonly method: string;
  /** Raw, without the query. */
  readonly path: string;
  readonly query: string;
  readonly body: Buffer;
  readonly lastEventId?: string;
}

interface Found {
  readonly row: Operation;
  readonly params: Readonly<Record<string, string>>;
}

export function isOperationsPath(path: string): boolean {
  return path === OPERATIONS_PATH || path.startsWith(`${OPERATIONS_PATH}/`);
}

export class OperationsApi {
  readonly #context: OperationsContext;

  constructor(context: OperationsContext) {
    this.#context = context;
  }

  /** What policies must allow: `postern:ListConnections` on the ARN of the path. */
  resolve(method: string, path: string): { readonly action: string; readonly resource: string } {
    const { row } = find(method, path);
    const { region } = this.#context.about;
    const resource = `arn:aws:apigateway:${region}::${path.replace(/\/$/, '')}`;
    return { action: `postern:${row.operation}`, resource };
  }

  /** Throws the `ServiceException` that says what the caller got wrong. */
  async handle(request: OperationsRequest): Promise<HttpReply | StreamReply> {
    const { row, params } = find(request.method, request.path);
    const answer = await row.handler({
      context: this.#context,
      params,
      query: new URLSearchParams(request.query),
      bytes: request.body,
      ...(request.lastEventId !== undefined && { lastEventId: request.lastEventId }),
    });
    if (answer instanceof RawAnswer) return answer.reply;
    return {
      status: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      body: JSON.stringify(answer),
    };
  }
}

function find(method: string, path: string): Found {
  const segments = decoded(path.slice(OPERATIONS_PATH.length).replace(/\/$/, ''));
  for (const row of operations) {
    const params = row.method === method ? match(row.path.split('/'), segments) : undefined;
    if (params) return { row, params };
  }
  throw new ServiceException('NotFoundException', `There is no operation ${method} ${path}`);
}

function match(names: readonly string[], segments: readonly string[]) {
  if (names.length !== segments.length) return undefined;
  const params: [string, string][] = [];
  for (const [at, name] of names.entries()) {
    const segment = segments[at]!;
    if (name.startsWith('{') && segment !== '') params.push([name.slice(1, -1), segment]);
    else if (name !== segment) return undefined;
  }
  return Object.fromEntries(params);
}

function decoded(path: string): string[] {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    return [];
  }
}
