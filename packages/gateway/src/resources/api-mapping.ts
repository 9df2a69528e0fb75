import type { ApiDocument } from './api-document.ts';
import type { DomainDocument } from './domain-name.ts';
import type { FieldTable } from './field.ts';
import { badRequest, conflict } from './problems.ts';
import { own } from './record.ts';

/** Sends the addresses below one key of a domain to a stage: `wss://{domain}/{apiMappingKey}`. */
export interface ApiMapping {
  readonly apiMappingId: string;
  readonly apiId: string;
  /** The first segment of the path; empty for the domain itself. */
  readonly apiMappingKey: string;
  readonly stage: string;
}

const unknownApi = 'Invalid API identifier specified';
const unknownStage = 'Invalid stage identifier specified';
const invalidKey = "An ApiMapping key may contain only letters, numbers and one of $-_.+!*'()";

export const apiMappingFields: FieldTable<ApiMapping> = {
  noun: 'ApiMapping',
  fields: [
    { name: 'apiId', kind: 'text', lengthMax: 64, required: unknownApi },
    {
      name: 'apiMappingKey',
      kind: 'text',
      lengthMax: 300,
      initial: '',
      otherwise: () => 'Invalid apiMappingKey specified. Must be 0 to 300 characters long',
    },
    { name: 'stage', kind: 'text', lengthMax: 128, required: unknownStage },
  ],
  given: ['apiMappingId'],
};

/**
 * A key that can be part of an address, one mapping per key and domain. Keys of several levels belong
 * to other kinds of API: lenient mode keeps them.
 */
export function settleApiMapping(
  draft: ApiMapping,
  document: DomainDocument,
  lenient: boolean,
): ApiMapping {
  const { apiMappingId, apiMappingKey: key } = draft;
  const pattern = lenient ? /^[A-Za-z0-9$\-_.+!*'()/]*$/ : /^[A-Za-z0-9$\-_.+!*'()]*$/;
  if (!pattern.test(key)) throw badRequest(invalidKey);
  const twin = Object.values(document.apiMappings).find((each) => each.apiMappingKey === key);
  if (twin && twin.apiMappingId !== apiMappingId) {
    throw conflict('ApiMapping key already exists for this domain name');
  }
  return draft;
}

/** Throws unless the API is there and has the stage. */
export function assertMappingTarget(mapping: ApiMapping, api: ApiDocument | undefined): void {
  if (!api) throw badRequest(unknownApi);
  if (!own(api.stages, mapping.stage)) throw badRequest(unknownStage);
}

/** Throws while a domain sends addresses to the API or, when one is named, to that stage of it. */
export function assertUnmapped(
  domains: readonly DomainDocument[],
  apiId: string,
  stageName?: string,
): void {
  const isMapped = domains
    .flatMap((domain) => Object.values(domain.apiMappings))
    .some((each) => each.apiId === apiId && (stageName ?? each.stage) === each.stage);
  if (!isMapped) return;
  const [thing, owner] =
    stageName === undefined ? [`API ${apiId}`, 'API'] : [`stage ${stageName}`, 'stage'];
  throw badRequest(
    `Deleting ${thing} failed. ` +
      `Please remove all API mappings for the ${owner} from your custom domain names.`,
  );
}
