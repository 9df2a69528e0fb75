/** What a deploy would do, without doing it. */
import type { Dictionary } from '../../resources/record.ts';
import { own } from '../../resources/record.ts';
import type { Lookup } from '../cloudformation/deferred.ts';
import { propertyName } from './resource-kind.ts';
import { entryFor, type Situation, situationOf, type Wish, wishFor } from './situation.ts';
import type { StackContext } from './stack-context.ts';
import type { StackEntry } from './stack-store.ts';
import type { StackResource, StackTemplate } from './stack-template.ts';

export interface PlanStep {
  readonly action: 'create' | 'update' | 'replace' | 'remove';
  readonly logicalId: string;
  readonly noun: string;
  /** What people know it by: a name, a route key. */
  readonly label: string;
  /** Properties that change. Never their values: some are secrets. */
  readonly fields: readonly string[];
  readonly reason?: string;
}

export async function planStack(
  context: StackContext,
  template: StackTemplate,
): Promise<readonly PlanStep[]> {
  const stored = await context.store.read(context.name);
  const entries = stored?.stack.entries ?? [];
  const planner = new Planner(context, entries, template);
  for (const resource of template.resources) await planner.look(resource);
  return [...planner.steps, ...removals(context, entries, planner.kept)];
}

class Planner {
  readonly steps: PlanStep[] = [];
  /** Paths of entries that stay. */
  readonly kept = new Set<string>();
  readonly #context: StackContext;
  readonly #entries: readonly StackEntry[];
  readonly #ids: ReadonlySet<string>;
  readonly #known = new Map<string, StackEntry>();
  readonly #wishes: Wish[] = [];
  #touchedUnknown = false;

  constructor(context: StackContext, entries: readonly StackEntry[], template: StackTemplate) {
    this.#context = context;
    this.#entries = entries;
    this.#ids = new Set(template.resources.map(({ logicalId }) => logicalId));
  }

  async look(resource: StackResource): Promise<void> {
    const { logicalId, place } = resource;
    const wish = this.#wish(resource);
    if (!wish) {
      const entry = this.#entries.find((each) => each.logicalId === logicalId && !each.isReplaced);
      if (entry) this.kept.add(entry.path);
      this.steps.push(unknownStep(resource, entry));
      return;
    }
    this.#wishes.push(wish);
    const entry = entryFor(wish, this.#entries, (id) => this.#ids.has(id));
    const situation = await situationOf(wish, entry, this.#context.client.at(place));
    if (entry) this.kept.add(entry.path);
    const { decision } = situation;
    if (entry && (decision === 'same' || decision === 'update')) this.#known.set(logicalId, entry);
    if (decision !== 'same') this.steps.push(stepOf(situation));
  }

  /** `undefined` when it cannot be worked out before others are made. */
  #wish(resource: StackResource): Wish | undefined {
    this.#touchedUnknown = false;
    try {
      return wishFor(resource, this.#lookup, this.#wishes);
    } catch (error) {
      if (this.#touchedUnknown) return undefined;
      throw error;
    }
  }

  readonly #lookup: Lookup = ({ logicalId, attribute }) => {
    const entry = this.#known.get(logicalId);
    if (entry) return attribute === undefined ? entry.id : entry.attributes[attribute];
    this.#touchedUnknown = true;
    // No id has a blank in it, so this equals nothing that is there.
    return attribute === undefined ? `new ${logicalId}` : `new ${logicalId} ${attribute}`;
  };
}

export function stepOf({ decision, resource, wanted, differences, reason }: Situation): PlanStep {
  const { logicalId, kind } = resource;
  return {
    action: decision === 'same' ? 'update' : decision,
    logicalId,
    noun: kind.noun,
    label: labelOf(wanted, ''),
    fields: differences.fields.map((name) => propertyName(name, kind.renamed)),
    ...(reason !== undefined && { reason }),
  };
}

function unknownStep({ kind, logicalId }: StackResource, entry: StackEntry | undefined): PlanStep {
  const label = entry ? labelOf(entry.wanted, '') : '';
  return { action: entry ? 'update' : 'create', logicalId, noun: kind.noun, label, fields: [] };
}

function removals(
  { kindOf }: StackContext,
  entries: readonly StackEntry[],
  kept: ReadonlySet<string>,
): PlanStep[] {
  return entries
    .filter(({ path }) => !kept.has(path))
    .reverse()
    .map(({ logicalId, type, wanted, id }) => ({
      action: 'remove',
      logicalId,
      noun: kindOf(type)?.noun ?? type,
      label: labelOf(wanted, id),
      fields: [],
    }));
}

const LABELS = [
  'name',
  'routeKey',
  'stageName',
  'domainName',
  'integrationUri',
  'integrationResponseKey',
  'routeResponseKey',
  'apiMappingKey',
  'integrationType',
  'keyId',
];

/** What people know a resource by. Of a URI neither query nor user: both may hold a key. */
export function labelOf(wanted: Dictionary<unknown>, otherwise: string): string {
  const found = LABELS.map((name) => own(wanted, name)).find((value) => typeof value === 'string');
  const text = typeof found === 'string' ? found : otherwise;
  const called = /:lambda:.*:function:([^/]+)\/invocations$/.exec(text)?.[1];
  if (called !== undefined) return `Lambda ${called}`;
  return text.replace(/\?.*/s, '').replace(/\/\/[^/@]*@/, '//');
}
