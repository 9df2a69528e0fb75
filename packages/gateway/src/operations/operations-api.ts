/**
 * `/@api/…`: what an operator asks a running gateway, over HTTP and JSON; the console and the commands
 * are its callers. Who may is decided before a handler runs: `resolve` names the permission.
 */
import { ServiceException } from '../wire/exceptions.ts';
import type { HttpReply, StreamReply } from '../wire/http-reply.ts';
import { matchPath } from '../wire/path-template.ts';
import { type Call, type Operation, type OperationsContext, RawAnswer } from './operation.ts';
import { operations } from './operations.ts';
import { Peers } from './peers.ts';

const OPERATIONS_PATH = '/@api';
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
  readonly #peers: Peers;

  constructor(context: OperationsContext) {
    this.#context = context;
    this.#peers = new Peers(context.bus, async ({ operation, params, query, bytes }) => {
      const row = operations.find((one) => one.operation === operation);
      if (!row) throw new ServiceException('NotFoundException', `No operation ${operation} here`);
      return row.handler({ context, params, query: new URLSearchParams(query), bytes });
    });
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
    const query = new URLSearchParams(request.query);
    const call: Call = {
      context: this.#context,
      params,
      query,
      bytes: request.body,
      ...(request.lastEventId !== undefined && { lastEventId: request.lastEventId }),
    };
    const answer = await this.#answer(row, call);
    if (answer instanceof RawAnswer) return answer.reply;
    return {
      status: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      body: JSON.stringify(answer),
    };
  }

  /** Here, where its connection lives, or everywhere. */
  async #answer(row: Operation, call: Call): Promise<unknown> {
    const { params, query, bytes } = call;
    const peerCall = { operation: row.operation, params, query: query.toString(), bytes };
    const holder = this.#peers.holderOf(params.connectionId);
    if (holder !== undefined) return this.#peers.ask(holder, peerCall);
    if (!row.gather) return row.handler(call);
    const others = this.#peers.askAll(peerCall, row.takesMillis?.(call));
    const own = await row.handler(call);
    const { answers, silent } = await others;
    return { ...row.gather([own, ...answers], call), ...(silent.length > 0 && { silent }) };
  }
}

function find(method: string, path: string): Found {
  const segments = decoded(path.slice(OPERATIONS_PATH.length).replace(/\/$/, ''));
  for (const row of operations) {
    const params = row.method === method ? matchPath(row.path, segments) : undefined;
    if (params) return { row, params };
  }
  throw new ServiceException('NotFoundException', `There is no operation ${method} ${path}`);
}

function decoded(path: string): string[] {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    return [];
  }
}
