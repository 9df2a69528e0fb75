import { type Budget, spendOnText } from './budget.ts';
import { HostObject } from './host-object.ts';
import { writeJson } from './json-text.ts';
import { parseJson } from './parse-json.ts';
import { readJsonPath } from './paths.ts';
import { TextWriter } from './text.ts';
import { JsonList, listOf } from './values.ts';

/** Parameters of the request, by name; only the handshake has any. */
export interface InputParameters {
  readonly path: Readonly<Record<string, string>>;
  readonly querystring: Readonly<Record<string, string>>;
  readonly header: Readonly<Record<string, string>>;
}

export const noParameters: InputParameters = { path: {}, querystring: {}, header: {} };

/**
 * `$input` (developer guide, "WebSocket API mapping template reference"): the payload as text, by
 * JSONPath as JSON text or as a value, and the request's parameters. An empty payload counts as
 * `{}`; one that is not JSON has nothing to be found by a path.
 */
export function inputObject(payload: string, parameters: InputParameters): HostObject {
  const body = payload === '' ? '{}' : payload;
  let parsed: { readonly value: unknown } | undefined;
  const document = (budget: Budget) => {
    spendOnText(budget, parsed === undefined ? body.length : 0);
    parsed ??= { value: parseJson(body) };
    return parsed.value;
  };
  return new HostObject(
    '$input',
    { body: () => body },
    {
      json: ([path], budget) =>
        typeof path === 'string' ? jsonText(document(budget), path, budget) : undefined,
      path: ([path], budget) =>
        typeof path === 'string' ? find(document(budget), path) : undefined,
      params: (values) =>
        values.length === 0 ? allParameters(parameters) : parameter(parameters, values[0]),
    },
  );
}

/** What the path finds; everything it finds, as a JSON list, where it may find several things. */
function find(document: unknown, path: string): unknown {
  const { value, definite } = readJsonPath(path, document);
  return definite || !Array.isArray(value) ? value : listOf(new JsonList(), value);
}

/** A path that finds nothing gives an empty JSON string, quotes and all. */
function jsonText(document: unknown, path: string, budget: Budget): string {
  const found = document === undefined ? undefined : find(document, path);
  const writer = new TextWriter(budget);
  writeJson(writer, found === undefined ? '' : found);
  return writer.toString();
}

function allParameters(parameters: InputParameters): unknown {
  return new Map(
    Object.entries(parameters).map(([kind, values]) => [kind, new Map(Object.entries(values))]),
  );
}

function parameter({ path, querystring, header }: InputParameters, name: unknown): unknown {
  if (typeof name !== 'string') {
    return undefined;
  }
  const source = [path, querystring, header].find((values) => Object.hasOwn(values, name));
  return source?.[name] ?? '';
}
