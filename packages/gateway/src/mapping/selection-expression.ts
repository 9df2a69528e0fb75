/**
 * Selection expressions: the small language in which an API says which route a message takes
 * (developer guide, "WebSocket API selection expressions"). Parsed once, when a stage is compiled.
 *
 *     $request.body.action                        one value of the message
 *     ${request.body.service}/${request.body.x}   values joined with literals
 *     \$default                                   a literal dollar sign
 */
import { memberLook } from './json-look.ts';
import { compileJsonPath, type JsonPath } from './json-path/json-path.ts';
import { JsonPathError } from './json-path/json-path-error.ts';
import { responseReader } from './response-reader.ts';
import type { EventScope, ResponseScope } from './scope.ts';
import { stringify } from './stringify.ts';

export interface SelectionExpression {
  readonly text: string;
  evaluate(scope: SelectionScope): string;
}

/**
 * What an expression may look at: the message; after the integration also its answer. `$context` and
 * `$stageVariables` are documented for templates only and ours to offer everywhere.
 */
export type SelectionScope = Pick<EventScope, 'body' | 'stageVariables'> & {
  readonly context?: EventScope['context'];
  readonly response?: ResponseScope;
};

type Part = (scope: SelectionScope) => string;

export class SelectionExpressionError extends Error {}

/** Throws `SelectionExpressionError` with a sentence when the text is not an expression. */
export function compileSelectionExpression(text: string): SelectionExpression {
  const parts = parse(text);
  const only = parts[0];
  if (parts.length === 1 && only !== undefined) return { text, evaluate: only };
  return { text, evaluate: (scope) => parts.map((part) => part(scope)).join('') };
}

/** A key in brackets may hold anything; elsewhere a path ends where a name cannot go on. */
const UNWRAPPED = /^\$([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_@-]+|\[(?:'[^']*'|"[^"]*"|[^\]'"]*)\])*)/;

function parse(text: string): Part[] {
  const parts: Part[] = [];
  let literal = '';
  let at = 0;
  const flush = () => {
    if (literal === '') return;
    const value = literal;
    parts.push(() => value);
    literal = '';
  };
  while (at < text.length) {
    if (text.startsWith('\\$', at)) {
      literal += '$';
      at += 2;
    } else if (text.startsWith('${', at)) {
      const end = text.indexOf('}', at);
      if (end < 0) throw new SelectionExpressionError(`"${text}": "\${" without "}"`);
      flush();
      parts.push(variable(text.slice(at + 2, end), text));
      at = end + 1;
    } else if (text[at] === '$') {
      const path = UNWRAPPED.exec(text.slice(at))?.[1];
      if (path === undefined) {
        throw new SelectionExpressionError(`"${text}": a single "$" is written "\\$"`);
      }
      flush();
      parts.push(variable(path, text));
      at += 1 + path.length;
    } else {
      literal += text[at];
      at += 1;
    }
  }
  flush();
  return parts;
}

function variable(path: string, text: string): Part {
  if (path === 'request.body') return ({ body }) => textFound(() => body.json);
  for (const prefix of ['request.body.', 'request.body[']) {
    if (!path.startsWith(prefix)) continue;
    const found = bodyPath(path.slice('request.body'.length), text);
    const look = memberLook(found);
    return ({ body }) =>
      (look && body.find(look)) ?? (body.isJson ? textFound(() => found.read(body.json)) : '');
  }
  const fromResponse = responseReader(path);
  if (fromResponse) {
    return ({ response }) => (response ? (fromResponse(response)[0] ?? '') : '');
  }
  if (path.startsWith('stageVariables.')) {
    const name = path.slice('stageVariables.'.length);
    return (scope) =>
      Object.hasOwn(scope.stageVariables, name) ? (scope.stageVariables[name] ?? '') : '';
  }
  if (path.startsWith('context.')) {
    const names = path.slice('context.'.length).split('.');
    return (scope) => stringify(readPath(scope.context, names));
  }
  throw new SelectionExpressionError(
    `"${text}": "$${path}" is not known here; use $request.body.…, $context.… or $stageVariables.…`,
  );
}

function bodyPath(path: string, text: string): JsonPath {
  try {
    return compileJsonPath(`$${path}`);
  } catch (error) {
    throw new SelectionExpressionError(`"${text}": ${(error as Error).message}`);
  }
}

/** In a message too deep or too wide to be read nothing is found: what it holds is the client's. */
function textFound(read: () => unknown): string {
  try {
    return stringify(read());
  } catch (error) {
    if (error instanceof JsonPathError) return '';
    throw error;
  }
}

/** Own members only: a path can never reach a prototype. */
export function readPath(root: unknown, names: readonly string[]): unknown {
  let value = root;
  for (const name of names) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
