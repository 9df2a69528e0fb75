import { compilePattern } from '../mapping/pattern/pattern.ts';
import type { ApiDocument } from './api-document.ts';
import { responseMappingProblem } from './expressions.ts';
import type { FieldTable } from './field.ts';
import { badRequest, conflict } from './problems.ts';

/** How the answer of a custom integration is turned into the reply of a two-way route. */
export interface IntegrationResponse {
  readonly integrationResponseId: string;
  readonly integrationId: string;
  /** `$default`, or a regular expression between slashes, such as `/4\d\d/`. */
  readonly integrationResponseKey: string;
  readonly contentHandlingStrategy?: 'CONVERT_TO_BINARY' | 'CONVERT_TO_TEXT';
  /** `route.response.header.{name}` → mapping expression. Frames have no headers: no effect. */
  readonly responseParameters?: Readonly<Record<string, string>>;
  /** Selection result → template. */
  readonly responseTemplates?: Readonly<Record<string, string>>;
  readonly templateSelectionExpression?: string;
}

const invalidKey =
  'Invalid integrationResponseKey specified. ' +
  'Must be $default or a regular expression between slashes';

export const integrationResponseFields: FieldTable<IntegrationResponse> = {
  noun: 'IntegrationResponse',
  fields: [
    {
      name: 'integrationResponseKey',
      kind: 'text',
      lengthMin: 1,
      required: 'Integration response key is required',
      otherwise: () => invalidKey,
    },
    {
      name: 'contentHandlingStrategy',
      kind: 'text',
      oneOf: ['CONVERT_TO_BINARY', 'CONVERT_TO_TEXT'],
      isClearable: true,
    },
    {
      name: 'responseParameters',
      kind: 'map',
      of: { kind: 'text', lengthMin: 1, lengthMax: 512, isClearable: true },
      check: responseMappingProblem,
    },
    { name: 'responseTemplates', kind: 'map', of: { kind: 'text', lengthMax: 32_768 } },
    { name: 'templateSelectionExpression', kind: 'text', isClearable: true },
  ],
  given: ['integrationResponseId'],
};

/** A key that selects something, one response per key and integration. */
export function settleIntegrationResponse(
  draft: IntegrationResponse,
  document: ApiDocument,
  lenient: boolean,
): IntegrationResponse {
  const { integrationResponseId, integrationId, integrationResponseKey: key } = draft;
  if (!lenient && !isResponseKey(key)) throw badRequest(invalidKey);
  const twin = Object.values(document.integrationResponses).find(
    (response) =>
      response.integrationId === integrationId && response.integrationResponseKey === key,
  );
  if (twin && twin.integrationResponseId !== integrationResponseId) {
    throw conflict(`Integration Response with key ${key} already exists for this Integration`);
  }
  return draft;
}

/** The regular expression of a key such as `/4\d\d/`; `undefined` for `$default` and other words. */
function responseKeyPattern(key: string): string | undefined {
  return /^\/(.+)\/$/s.exec(key)?.[1];
}

function isResponseKey(key: string): boolean {
  const pattern = responseKeyPattern(key);
  if (pattern === undefined) return key === '$default';
  try {
    compilePattern(pattern);
    return true;
  } catch {
    return false;
  }
}
