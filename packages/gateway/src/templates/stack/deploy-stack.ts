import type { Dictionary } from '../../resources/record.ts';
import { type Lookup, type Reference, referencesIn, settle } from '../cloudformation/deferred.ts';
import { ApplyError } from '../control-client.ts';
import { TemplateError } from '../source/template-error.ts';
import { resourceKinds } from './kinds.ts';
import { labelOf, type PlanStep, stepOf } from './plan.ts';
import { entryFor, type Situation, situationOf, type Wish, wishFor } from './situation.ts';
import type { StackContext } from './stack-context.ts';
import { StackRun, SupersededError } from './stack-run.ts';
import type { StackEntry } from './stack-store.ts';
import type { SkippedResource, StackResource, StackTemplate } from './stack-template.ts';

export interface DeployOptions {
  /** Told of each change as soon as it is made. */
  readonly onStep?: (step: PlanStep) => void;
  /** Ends the run at its next step, and takes back what it did. */
  readonly signal?: AbortSignal;
}

export interface DeployedStack {
  readonly steps: readonly PlanStep[];
  readonly skipped: readonly SkippedResource[];
  /** Values that waited for resources. */
  readonly lookup: Lookup;
  readonly entries: readonly StackEntry[];
  /** Sentences about what could not be removed. */
  readonly leftovers: readonly string[];
}

/**
 * Makes the stack what the template says. The same template again changes nothing. Whatever fails, what
 * this run did is taken back; rejects with an `ApplyError` or `TemplateError` that says so.
 */
export async function deployStack(
  context: StackContext,
  template: StackTemplate,
  options: DeployOptions = {},
): Promise<DeployedStack> {
  const places = new Map(template.resources.map(({ logicalId, place }) => [logicalId, place]));
  const run = new StackRun(context, places);
  await run.begin();
  const steps: PlanStep[] = [];
  const tell = (step: PlanStep) => {
    steps.push(step);
    options.onStep?.(step);
  };
  try {
    const skipped = await makeAll(context, run, template.resources, tell, options.signal);
    const missing = new Set(skipped.map(({ logicalId }) => logicalId));
    const exports = exportsOf(template, run.lookup, missing);
    const leftovers = await removeOthers(context, run, template, tell);
    await run.end(exports);
    return {
      steps,
      skipped: [...template.skipped, ...skipped],
      lookup: run.lookup,
      entries: run.entries,
      leftovers,
    };
  } catch (error) {
    throw await rolledBack(run, error, steps.length);
  }
}

async function makeAll(
  context: StackContext,
  run: StackRun,
  resources: readonly StackResource[],
  tell: (step: PlanStep) => void,
  signal: AbortSignal | undefined,
): Promise<SkippedResource[]> {
  const skipped: SkippedResource[] = [];
  const wishes: Wish[] = [];
  const ids = new Set(resources.map(({ logicalId }) => logicalId));
  for (const resource of resources) {
    if (signal?.aborted) throw new ApplyError('Interrupted');
    const { logicalId, kind } = resource;
    const missing = skippedReference(resource, skipped);
    if (missing) {
      const reason = `it needs ${missing.logicalId}`;
      skipped.push({ logicalId, type: kind.type, reason });
      continue;
    }
    const wish = wishFor(resource, run.lookup, wishes);
    const entry = entryFor(wish, run.entries, (id) => ids.has(id));
    const situation = await situationOf(wish, entry, context.client.at(resource.place));
    try {
      await make(run, situation);
    } catch (error) {
      if (!isUnsupported(error)) throw error;
      skipped.push({ logicalId, type: kind.type, reason: error.words });
      continue;
    }
    wishes.push(wish);
    if (situation.decision !== 'same') tell(stepOf(situation));
  }
  return skipped;
}

function make(run: StackRun, situation: Situation): Promise<void> {
  switch (situation.decision) {
    case 'create':
      return run.create(situation);
    case 'update':
      return run.update(situation);
    case 'replace':
      return run.replace(situation);
    case 'same':
      return run.keep(situation);
  }
}

function skippedReference(
  { properties }: StackResource,
  skipped: readonly SkippedResource[],
): Reference | undefined {
  const ids = new Set(skipped.map(({ logicalId }) => logicalId));
  return referencesIn(properties).find(({ logicalId }) => ids.has(logicalId));
}

/** An operation this control plane has not is no mistake of the template. */
function isUnsupported(error: unknown): error is ApplyError {
  return error instanceof ApplyError && /operation \w+ is not supported/.test(error.words);
}

/** What the template no longer names, and what was replaced; the last made goes first. */
async function removeOthers(
  context: StackContext,
  run: StackRun,
  template: StackTemplate,
  tell: (step: PlanStep) => void,
): Promise<string[]> {
  const ids = new Set(template.resources.map(({ logicalId }) => logicalId));
  const leaving = run.entries.filter(
    ({ logicalId, isReplaced }) => isReplaced || !ids.has(logicalId),
  );
  return removeEntries(context, run, leaving, tell);
}

/** Resolves with a sentence for each that could not be removed. */
async function removeEntries(
  { kindOf }: StackContext,
  run: StackRun,
  leaving: readonly StackEntry[],
  tell: (step: PlanStep) => void,
): Promise<string[]> {
  const leftovers: string[] = [];
  const tellOf = ({ type, wanted, id, logicalId, isReplaced }: StackEntry) => {
    const noun = kindOf(type)?.noun ?? type;
    const step = { logicalId, noun, label: labelOf(wanted, id), fields: [] };
    if (!isReplaced) tell({ action: 'remove', ...step });
  };
  // Replaced resources are younger than those that refer to them: it is the kind that decides.
  const rank = ({ type }: StackEntry) => resourceKinds.findIndex((kind) => kind.type === type);
  const backwards = [...leaving].reverse().sort((one, other) => rank(other) - rank(one));
  // What lives in an API goes with it.
  const apis = leaving.filter(({ type, isRetained }) => type.endsWith('::Api') && !isRetained);
  const isInside = (entry: StackEntry, api: StackEntry) => entry.path.startsWith(`${api.path}/`);
  for (const entry of backwards) {
    if (apis.some((api) => isInside(entry, api))) continue;
    try {
      await run.remove(entry);
    } catch (error) {
      if (error instanceof SupersededError || !(error instanceof ApplyError)) throw error;
      leftovers.push(`${entry.logicalId} (${entry.id}) is still there: ${error.message}`);
      continue;
    }
    for (const child of backwards.filter((each) => isInside(each, entry))) {
      await run.forget(child);
      tellOf(child);
    }
    tellOf(entry);
  }
  return leftovers;
}

function exportsOf(
  { outputs }: StackTemplate,
  lookup: Lookup,
  missing: ReadonlySet<string>,
): Dictionary<unknown> {
  const entries = outputs
    .filter(({ value }) => !referencesIn(value).some(({ logicalId }) => missing.has(logicalId)))
    .flatMap(({ exportName, value }) =>
      exportName === undefined ? [] : [[exportName, settle(value, lookup)] as const],
    );
  return Object.fromEntries(entries);
}

async function rolledBack(run: StackRun, error: unknown, count: number): Promise<unknown> {
  const isExpected = error instanceof ApplyError || error instanceof TemplateError;
  if (error instanceof SupersededError) return error;
  const problems = await run.rollBack();
  if (!isExpected) return error;
  const rest = problems.map((problem) => `\n  could not be taken back: ${problem}`).join('');
  const changes = count === 1 ? 'change' : 'changes';
  const sentence = count === 0 ? 'Nothing was changed.' : `Rolled back ${count} ${changes}.`;
  return new ApplyError(`${error.message}\n${sentence}${rest}`);
}

/** Removes everything the stack made. Resolves with a sentence for each that could not be removed. */
export async function destroyStack(
  context: StackContext,
  onStep: (step: PlanStep) => void = () => {},
): Promise<readonly string[]> {
  const run = new StackRun(context);
  await run.begin();
  const leftovers = await removeEntries(context, run, run.entries, onStep);
  await run.vanish();
  return leftovers;
}
