import { type Clock, systemClock } from '../ambient/clock.ts';
import { type Random, systemRandom } from '../ambient/random.ts';
import { loadTemplate } from './cloudformation/load-template.ts';
import type { Template } from './cloudformation/template.ts';
import { compileApis } from './compile-postern-file.ts';
import { ApplyError, type ControlCall, controlClient } from './control-client.ts';
import type { PosternApi, PosternFile } from './postern-file.ts';
import { Places } from './source/places.ts';
import { TemplateError } from './source/template-error.ts';
import { deployStack, destroyStack } from './stack/deploy-stack.ts';
import { kindOf } from './stack/kinds.ts';
import type { PlanStep } from './stack/plan.ts';
import type { StackContext } from './stack/stack-context.ts';
import { SupersededError } from './stack/stack-run.ts';
import type { Stack, StackStore } from './stack/stack-store.ts';

export interface FileTarget {
  readonly call: ControlCall;
  readonly store: StackStore;
  readonly region: string;
  readonly account: string;
  readonly clock?: Pick<Clock, 'after'>;
  readonly random?: Random;
}

/** Every API of the file is a stack of its own. A stack that somebody deploys never has such a name. */
const PREFIX = 'postern-yaml--';

/**
 * Makes the control plane hold what the file says. Applying the same file again changes nothing. APIs
 * that the file no longer names are removed, those that came from elsewhere are never touched.
 * Resolves with a sentence per change. Rejects with `ApplyError`.
 */
export async function applyPosternFile(file: PosternFile, target: FileTarget): Promise<string[]> {
  const changes: string[] = [];
  const stacks = (await target.store.list()).filter(({ name }) => name.startsWith(PREFIX));
  const wanted = new Set(file.apis.map(stackNameOf));
  for (const stack of stacks.filter(({ name }) => !wanted.has(name))) {
    await patiently(target, () => destroyStack(contextOf(stack.name, target)));
    changes.push(`Removed API ${describeApi(stack)}`);
  }
  for (const api of file.apis) {
    changes.push(...(await patiently(target, () => applyApi(api, target))));
  }
  return changes;
}

function stackNameOf({ id }: PosternApi): string {
  return PREFIX + id;
}

async function applyApi(api: PosternApi, target: FileTarget): Promise<string[]> {
  const { region, account } = target;
  const stackName = stackNameOf(api);
  const source: Template = { document: {}, places: new Places(), folder: '.' };
  try {
    // The stack has one API: its name in the file may change, and everything stays what it is.
    const compiled = compileApis([api], source, undefined, () => 'Api');
    const template = loadTemplate(compiled, {
      environment: { stackName, region, account },
      parameters: {},
      exports: {},
    });
    const { steps } = await deployStack(contextOf(stackName, target), template);
    return sentences(api, steps);
  } catch (error) {
    if (error instanceof TemplateError) throw new ApplyError(error.message);
    throw await withOwner(error, api, target);
  }
}

function contextOf(name: string, { call, store, region }: FileTarget): StackContext {
  return { name, client: controlClient(call), store, region, kindOf };
}

/** An id that is taken says little; whose it is says more. */
async function withOwner(error: unknown, { id, name }: PosternApi, { call }: FileTarget) {
  if (!(error instanceof ApplyError) || !error.message.includes('already exists')) return error;
  const other = await call('GET', `/v2/apis/${id}`);
  if (other.status !== 200 || !error.message.includes(id)) return error;
  return new ApplyError(
    `apis.${name}.id: ${id} is the id of the API "${(other.body as { name: string }).name}", which ` +
      'was not made from this file. Choose another id, or delete that API.',
  );
}

const ATTEMPTS_MAX = 20;
const PAUSE_MILLIS_MAX = 500;

/** Nodes that start together apply the same file: one of them does it, the others look again. */
async function patiently<Result>(
  { clock = systemClock, random = systemRandom }: FileTarget,
  attempt: () => Promise<Result>,
): Promise<Result> {
  for (let count = 1; ; count++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof SupersededError) || count === ATTEMPTS_MAX) throw error;
    }
    const [byte = 0] = random.bytes(1);
    await new Promise<void>((resolve) => {
      clock.after((PAUSE_MILLIS_MAX * (byte + 1)) / 256, resolve);
    });
  }
}

function describeApi({ entries, name }: Stack): string {
  const api = entries.find(({ type }) => type.endsWith('::Api'));
  return api ? `${api.wanted.name} (${api.id})` : name.slice(PREFIX.length);
}

/** What happened, for whoever wrote the file. Integrations and the like go with their routes. */
function sentences({ name, id }: PosternApi, steps: readonly PlanStep[]): string[] {
  const isDeployed = steps.some(({ noun }) => noun === 'Deployment');
  const isNew = steps.some(({ noun, action }) => noun === 'Api' && action === 'create');
  return steps.flatMap(({ noun, action, label, fields }) => {
    if (noun === 'Api') return [`${isNew ? 'Created' : 'Changed'} API ${name} (${id})`];
    if (noun === 'Deployment') return action === 'remove' ? [] : [`${name}: deployed`];
    const isPart =
      noun === 'Integration' || noun === 'IntegrationResponse' || noun === 'RouteResponse';
    if (isPart && action !== 'update') return [];
    if (noun === 'Stage' && fields.length === 1 && fields[0] === 'DeploymentId') {
      return isDeployed ? [] : [`${name}: deployed`];
    }
    const word = { create: 'added', update: 'changed', replace: 'replaced', remove: 'removed' }[
      action
    ];
    const what = fields.length > 0 && action === 'update' ? ` (${fields.join(', ')})` : '';
    return [`${name}: ${word} ${noun.toLowerCase()} ${label}${what}`];
  });
}
