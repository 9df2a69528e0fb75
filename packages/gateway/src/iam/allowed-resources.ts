import type { CompiledPolicy } from './policy.ts';

/** Of one action; beyond so many, the remembering begins anew. */
const RESOURCES_MAX = 1000;

interface Asked {
  readonly policies: readonly CompiledPolicy[];
  readonly action: string;
  readonly resource: string;
}

/**
 * What policies have allowed that look at action and resource alone: they say the same each time. Remembered
 * with the policies, which are other objects as soon as anything of them changes; no refusal is remembered.
 */
export class AllowedResources {
  readonly #known = new WeakMap<readonly CompiledPolicy[], Map<string, Set<string>>>();
  /** What was asked about last: to compare with it takes less than to look for it. */
  #last: Asked | undefined;

  has(policies: readonly CompiledPolicy[], action: string, resource: string): boolean {
    const last = this.#last;
    const isOfLast = last?.policies === policies && last.action === action;
    if (isOfLast && last.resource === resource) return true;
    if (this.#known.get(policies)?.get(action)?.has(resource) !== true) return false;
    this.#last = { policies, action, resource };
    return true;
  }

  add(policies: readonly CompiledPolicy[], action: string, resource: string): void {
    const actions = this.#known.get(policies) ?? new Map<string, Set<string>>();
    this.#known.set(policies, actions);
    const resources = actions.get(action) ?? new Set();
    actions.set(action, resources);
    if (resources.size >= RESOURCES_MAX) resources.clear();
    resources.add(resource);
  }
}
