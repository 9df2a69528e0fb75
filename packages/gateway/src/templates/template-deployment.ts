/** A template file against a control plane: planned, deployed, every stack of it in turn. */
import { type Dictionary, own } from '../resources/record.ts';
import { settle } from './cloudformation/deferred.ts';
import { loadTemplate } from './cloudformation/load-template.ts';
import { sectionOf } from './cloudformation/template.ts';
import { ApplyError, type ControlCall, controlClient } from './control-client.ts';
import type { TemplateFile, TemplateUnit } from './read-template.ts';
import { TemplateError } from './source/template-error.ts';
import { type DeployedStack, type DeployOptions, deployStack } from './stack/deploy-stack.ts';
import { kindOf } from './stack/kinds.ts';
import { type PlanStep, planStack } from './stack/plan.ts';
import type { StackContext } from './stack/stack-context.ts';
import { type StackStore, stackNamePattern } from './stack/stack-store.ts';
import type { StackTemplate } from './stack/stack-template.ts';
import { didYouMean } from './suggest.ts';

export interface DeploymentTarget {
  readonly call: ControlCall;
  readonly store: StackStore;
  readonly region: string;
  readonly account: string;
  /** In place of the name the file gives; for files of one stack. */
  readonly stackName?: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface DeployFileOptions extends DeployOptions {
  /** Told of each stack before its first step. */
  readonly onStack?: (stackName: string) => void;
  /** Told of each stack that is through, before the next one begins. */
  readonly onFinished?: (stack: FinishedStack) => void;
}

export interface PlannedStack {
  readonly stackName: string;
  readonly steps: readonly PlanStep[];
  readonly unit: TemplateUnit;
  readonly template: StackTemplate;
}

export interface FinishedStack extends DeployedStack {
  readonly stackName: string;
  readonly unit: TemplateUnit;
  readonly template: StackTemplate;
  /** Output name → value, as text where it is known. */
  readonly outputs: Dictionary<unknown>;
}

/** What a deploy would do. Makes no change. Rejects with `TemplateError` or `ApplyError`. */
export async function planFile(
  file: TemplateFile,
  target: DeploymentTarget,
): Promise<readonly PlannedStack[]> {
  const planned: PlannedStack[] = [];
  const exports: Record<string, unknown> = await exportsOf(target);
  for (const unit of unitsOf(file, target)) {
    const { context, template } = load(unit, file, target, exports);
    const steps = await planStack(context, template);
    planned.push({ stackName: context.name, steps, unit, template });
    // What a stack before this one will export is not known yet; that it will be there is.
    for (const { exportName } of template.outputs) {
      if (exportName !== undefined) exports[exportName] ??= `new ${exportName}`;
    }
  }
  return planned;
}

/** Makes every stack of the file what it says. A stack that fails is taken back, those before it stay. */
export async function deployFile(
  file: TemplateFile,
  target: DeploymentTarget,
  options: DeployFileOptions = {},
): Promise<readonly FinishedStack[]> {
  const finished: FinishedStack[] = [];
  for (const unit of unitsOf(file, target)) {
    const { context, template } = load(unit, file, target, await exportsOf(target));
    options.onStack?.(context.name);
    const deployed = await deployStack(context, template, options);
    const outputs = outputsOf(template, deployed);
    const stack = { ...deployed, stackName: context.name, unit, template, outputs };
    options.onFinished?.(stack);
    finished.push(stack);
  }
  return finished;
}

export function stackContext(
  name: string,
  { call, store, region }: DeploymentTarget,
): StackContext {
  return { name, client: controlClient(call), store, region, kindOf };
}

function unitsOf(
  { units }: TemplateFile,
  { stackName }: DeploymentTarget,
): readonly TemplateUnit[] {
  if (stackName === undefined) return units;
  if (!stackNamePattern.test(stackName) || stackName.includes('--')) {
    throw new ApplyError(
      `${stackName} cannot be the name of a stack: letters, digits and single hyphens, a letter first`,
    );
  }
  if (units.length === 1) return [{ ...units[0]!, stackName }];
  const named = units.filter((unit) => unit.stackName === stackName);
  if (named.length > 0) return named;
  const names = units.map((unit) => unit.stackName);
  throw new ApplyError(`There is no stack ${stackName}${didYouMean(stackName, names)}`);
}

function load(
  unit: TemplateUnit,
  file: TemplateFile,
  target: DeploymentTarget,
  exports: Dictionary<unknown>,
) {
  const { stackName, template, locateCode, region = target.region } = unit;
  const environment = { stackName, region, account: target.account };
  const options = { environment, parameters: parametersOf(unit, file, target), exports };
  const stack = loadTemplate(template, { ...options, ...(locateCode && { locateCode }) });
  return { context: stackContext(stackName, { ...target, region }), template: stack };
}

/** Of several stacks each takes the parameters it knows; one that none knows is a mistake. */
function parametersOf(
  one: TemplateUnit,
  { units }: TemplateFile,
  { parameters }: DeploymentTarget,
): Readonly<Record<string, string>> {
  if (units.length === 1) return parameters;
  const declares = (unit: TemplateUnit, name: string) =>
    own(sectionOf(unit.template, 'Parameters'), name) !== undefined;
  const unknown = Object.keys(parameters).find(
    (name) => !units.some((unit) => declares(unit, name)),
  );
  if (unknown !== undefined) {
    throw new TemplateError([{ message: `No stack has a parameter ${unknown}` }]);
  }
  const known = Object.entries(parameters).filter(([name]) => declares(one, name));
  return Object.fromEntries(known);
}

async function exportsOf({ store }: DeploymentTarget): Promise<Record<string, unknown>> {
  return Object.assign({}, ...(await store.list()).map((stack) => stack.exports));
}

function outputsOf(template: StackTemplate, { lookup }: DeployedStack): Dictionary<unknown> {
  const entries = template.outputs.map(({ name, value }) => {
    try {
      return [name, settle(value, lookup)] as const;
    } catch {
      // It speaks of a resource that was passed over.
      return [name, undefined] as const;
    }
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}
