import { assertUnmapped } from '../resources/api-mapping.ts';
import { DOMAIN_PREFIX, type DomainDocument, isDomainName } from '../resources/domain-name.ts';
import { notFound } from '../resources/problems.ts';
import type { DocumentKind } from './document-store.ts';
import type { ControlContext } from './operation.ts';

/** A domain is one document with its mappings and rules. */
export const domainDocuments: DocumentKind<DomainDocument> = {
  noun: 'Domain Name',
  param: 'domainName',
  prefix: DOMAIN_PREFIX,
  isId: isDomainName,
  unknown: () => notFound('DomainName', 'Invalid domain name identifier specified'),
};

/**
 * Throws while a domain sends addresses to the API, or to one stage of it. Who maps a stage writes the
 * API's document along, so the answer holds until the commit of whoever asks under its version.
 */
export async function assertNoMappings(
  context: ControlContext,
  apiId: string,
  stageName?: string,
): Promise<void> {
  const domains = await context.store.list(DOMAIN_PREFIX);
  assertUnmapped(
    domains.map(({ value }) => value as DomainDocument),
    apiId,
    stageName,
  );
}
