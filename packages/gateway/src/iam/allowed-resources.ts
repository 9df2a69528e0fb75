import type { CompiledPolicy } from './policy.ts';

/** Of one action; beyond so many, the remembering begins anew. */
const RESOURCES_MAX = 1000;

/**
 * What policies have allowed that look at action and resource alone: they say the same each time. Remembered
 * with the policies, which are other objects as soon as anything of them changes; no refusal is remembered.
 */
export class AllowedResources {
  readonly #known = new WeakMap<readonly CompiledPolicy[], Map<string, Set<string>>>();

  has(policies: readonly CompiledPolicy[], action: string, resource: string): boolean {
    return this.#known.get(policies)?.get(action)?.has(resource) === true;
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
