/**
 * `/@stacks`: where a deploy that runs elsewhere keeps its record with the gateway. Documents in and out,
 * guarded by a version; what they mean is the deploy's affair.
 */
import { isObject } from '../../resources/read-fields.ts';
import { ServiceException } from '../../wire/exceptions.ts';
import type { HttpReply } from '../../wire/http-reply.ts';
import { type Stack, type StackStore, stackNamePattern } from './stack-store.ts';

export interface StacksRequest {
  readonly method: string;
  /** Raw, without the query. */
  readonly path: string;
  readonly body: Uint8Array;
}

export const STACKS_PATH = '/@stacks';
/** What a stack of a few hundred resources needs, many times over. */
export const STACK_BYTES_MAX = 8 * 1024 * 1024;

export function isStacksPath(path: string): boolean {
  return path === STACKS_PATH || path.startsWith(`${STACKS_PATH}/`);
}

/** Throws a `ServiceException` for what a caller gets wrong. */
export async function answerStacks(store: StackStore, request: StacksRequest): Promise<HttpReply> {
  const { method, path, body } = request;
  if (path === STACKS_PATH || path === `${STACKS_PATH}/`) {
    if (method !== 'GET') throw noSuchOperation();
    return reply({ items: await store.list() });
  }
  const name = decode(path.slice(STACKS_PATH.length + 1));
  if (!stackNamePattern.test(name)) {
    throw new ServiceException('BadRequestException', 'Invalid stack name specified');
  }
  if (method === 'GET') {
    const stored = await store.read(name);
    if (!stored) throw new ServiceException('NotFoundException', `There is no stack ${name}`);
    return reply(stored);
  }
  if (method !== 'PUT') throw noSuchOperation();
  const { stack, expectedVersion } = readChange(name, body);
  const version = await store.write(name, stack, expectedVersion);
  if (version !== undefined) return reply({ version });
  throw new ServiceException('ConflictException', `The stack ${name} has changed meanwhile`);
}

interface StackChange {
  readonly stack: Stack | undefined;
  readonly expectedVersion: number;
}

function readChange(name: string, body: Uint8Array): StackChange {
  const problem = new ServiceException('BadRequestException', 'Invalid stack specified');
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw problem;
  }
  if (!isObject(value) || !Number.isSafeInteger(value.expectedVersion)) throw problem;
  const { stack = null, expectedVersion } = value;
  if (stack !== null && !isStack(name, stack)) throw problem;
  return { stack: stack ?? undefined, expectedVersion: expectedVersion as number };
}

function isStack(name: string, value: unknown): value is Stack {
  if (!isObject(value) || value.name !== name || !isObject(value.exports)) return false;
  const { entries } = value;
  const texts = ['logicalId', 'type', 'id', 'path'];
  return (
    Array.isArray(entries) &&
    entries.every(
      (entry) => isObject(entry) && texts.every((key) => typeof entry[key] === 'string'),
    )
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

function noSuchOperation(): ServiceException {
  return new ServiceException(
    'MissingAuthenticationTokenException',
    'Missing Authentication Token',
  );
}

function reply(value: unknown): HttpReply {
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  };
}
