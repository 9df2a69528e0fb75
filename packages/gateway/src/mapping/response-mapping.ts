/**
 * `responseParameters` of an integration response: headers of the answer to a handshake. Frames have
 * no headers, so this matters for `$connect` alone, where it can choose the sub-protocol.
 */
import { ParameterMappingError } from './parameter-mapping.ts';
import { responseReader } from './response-reader.ts';
import type { EventScope, ResponseScope } from './scope.ts';
import { readPath } from './selection-expression.ts';
import { stringify } from './stringify.ts';

export interface ResponseHeaderMapping {
  /** Lower-case. */
  readonly name: string;
  read(scope: EventScope, response: ResponseScope): string;
}

const DESTINATION = /^(?:method|route)\.response\.header\.([A-Za-z0-9._$-]+)$/;

/** Throws `ParameterMappingError` naming the entry that cannot be used. */
export function compileResponseMappings(
  responseParameters: Readonly<Record<string, string>>,
): ResponseHeaderMapping[] {
  return Object.entries(responseParameters).map(([key, source]) => {
    const name = DESTINATION.exec(key)?.[1];
    if (name === undefined) {
      throw new ParameterMappingError(`"${key}" is not a response parameter`);
    }
    return { name: name.toLowerCase(), read: compileSource(source) };
  });
}

function compileSource(source: string): ResponseHeaderMapping['read'] {
  if (/^'.*'$/s.test(source)) {
    const value = source.slice(1, -1);
    return () => value;
  }
  const fromResponse = responseReader(source);
  if (fromResponse) return (_, response) => fromResponse(response)[0] ?? '';
  const [, root, path] = /^(context|stageVariables)\.(.+)$/.exec(source) ?? [];
  if (path !== undefined) {
    const names = root === 'context' ? path.split('.') : [path];
    return (scope) =>
      stringify(readPath(root === 'context' ? scope.context : scope.stageVariables, names));
  }
  throw new ParameterMappingError(`"${source}" is not a mapping expression`);
}
