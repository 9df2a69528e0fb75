import { collectProblems } from '../source/template-error.ts';
import { propertyName } from '../stack/resource-kind.ts';
import type { StackResource } from '../stack/stack-template.ts';
import { Deferred, referencesIn } from './deferred.ts';

/** Throws where two resources of one place have the key that only one may have, as two routes. */
export function assertUniqueKeys(resources: readonly StackResource[]): void {
  const seen = new Map<string, string>();
  collectProblems(resources, ({ logicalId, kind, properties, fail }) => {
    if (kind.key === undefined) return;
    const property = propertyName(kind.key);
    const value = properties[property] ?? '';
    if (value instanceof Deferred) return;
    const parents = [...kind.collection.matchAll(/\{(\w+)\}/g)].map(([, name]) =>
      placeName(properties[name!]),
    );
    const place = JSON.stringify([kind.type, parents, value]);
    const other = seen.get(place);
    if (other !== undefined) {
      throw fail(
        [property],
        `${other} has ${JSON.stringify(value)} too: only one ${kind.noun} can`,
      );
    }
    seen.set(place, logicalId);
  });
}

function placeName(value: unknown): unknown {
  return value instanceof Deferred ? referencesIn(value) : value;
}
