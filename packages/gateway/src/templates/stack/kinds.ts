import type { ResourceKind } from './resource-kind.ts';
import { v1Kinds } from './v1-kinds.ts';
import { v2Kinds } from './v2-kinds.ts';

/** Every type of resource that is made, in the order in which an API comes to be. */
export const resourceKinds: readonly ResourceKind[] = [...v2Kinds, ...v1Kinds];

const byType = new Map(resourceKinds.map((kind) => [kind.type, kind]));

export function kindOf(type: string): ResourceKind | undefined {
  return byType.get(type);
}

/** Where a type stands in that order. */
export function rankOf(kind: ResourceKind): number {
  return resourceKinds.indexOf(kind);
}
