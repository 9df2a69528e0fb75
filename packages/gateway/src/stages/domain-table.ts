/**
 * Custom domain names in force: which stage an API mapping key of a host stands for
 * (developer guide, "Custom domain names for WebSocket APIs").
 */
import type { ResourceStore } from '../engines/engine.ts';
import { DOMAIN_PREFIX, type DomainDocument } from '../resources/domain-name.ts';

export interface MappedStage {
  readonly apiId: string;
  readonly stageName: string;
}

/** Stages by mapping key; the empty key is the domain itself. */
export type Mappings = ReadonlyMap<string, MappedStage>;

export class DomainTable {
  readonly #store: ResourceStore;
  readonly #domains = new Map<string, Mappings>();
  /** How often a domain was put in force, or out of it. */
  loads = 0;

  constructor(store: ResourceStore) {
    this.#store = store;
  }

  /** `domainName` may be a wildcard, `*.example.com`, which stands for one label. */
  async load(domainName: string): Promise<void> {
    const stored = await this.#store.get(DOMAIN_PREFIX + domainName);
    this.loads += 1;
    if (stored) this.#domains.set(domainName, mappingsOf(stored.value as DomainDocument));
    else this.#domains.delete(domainName);
  }

  names(): Iterable<string> {
    return this.#domains.keys();
  }

  /** `undefined` for a host that is nobody's domain. The host is lower-case and without a port. */
  find(host: string): Mappings | undefined {
    if (this.#domains.size === 0) return undefined;
    return this.#domains.get(host) ?? this.#domains.get(host.replace(/^[^.]+/, '*'));
  }
}

function mappingsOf({ apiMappings }: DomainDocument): Mappings {
  return new Map(
    Object.values(apiMappings).map(({ apiMappingKey = '', apiId, stage }) => [
      apiMappingKey,
      { apiId, stageName: stage },
    ]),
  );
}
