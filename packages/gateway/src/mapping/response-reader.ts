import { compileJsonPath } from './json-path/json-path.ts';
import type { ResponseScope } from './scope.ts';
import { stringify } from './stringify.ts';

export type ResponseReader = (response: ResponseScope) => readonly string[];

/**
 * Reads one part of an integration's answer: `integration.response.statuscode`, `….header.NAME`,
 * `….multivalueheader.NAME`, `….body` or `….body.PATH`. `undefined` for any other text. The bare
 * `response.` spelling is what Amazon's own examples store for MOCK. Throws as JSONPath does.
 */
export function responseReader(text: string): ResponseReader | undefined {
  const match = /^(?:integration\.)?response\.([a-z]+)(.*)$/is.exec(text);
  const [, kind = '', rest = ''] = match ?? [];
  const name = rest.startsWith('.') && rest.length > 1 ? rest.slice(1) : undefined;
  switch (kind.toLowerCase()) {
    case 'statuscode':
      return rest === '' ? ({ status }) => [String(status)] : undefined;
    case 'header':
      return name === undefined ? undefined : ({ headers }) => valuesOf(headers, name).slice(-1);
    case 'multivalueheader':
      return name === undefined
        ? undefined
        : ({ headers }) => [valuesOf(headers, name).join(',')].filter(Boolean);
    case 'body': {
      if (rest === '') return ({ body }) => [body.text];
      if (name === undefined && !rest.startsWith('[')) return undefined;
      const path = compileJsonPath(`$${rest}`);
      return ({ body }) => {
        const value = body.isJson ? path.read(body.json) : undefined;
        return value === undefined ? [] : [stringify(value)];
      };
    }
    default:
      return undefined;
  }
}

function valuesOf(headers: ResponseScope['headers'], name: string): readonly string[] {
  const key = name.toLowerCase();
  const value = Object.hasOwn(headers, key) ? headers[key] : undefined;
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}
