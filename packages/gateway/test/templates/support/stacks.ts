import { afterEach, beforeEach } from 'vitest';
import { systemRandom } from '../../../src/ambient/random.ts';
import { createControlPlane } from '../../../src/control-plane/control-plane.ts';
import { EmbeddedEngine } from '../../../src/engines/embedded/embedded-engine.ts';
import { controlCall } from '../../../src/server/control-call.ts';
import { loadTemplate } from '../../../src/templates/cloudformation/load-template.ts';
import { type ControlCall, controlClient } from '../../../src/templates/control-client.ts';
import { Places } from '../../../src/templates/source/places.ts';
import { readTree } from '../../../src/templates/source/read-tree.ts';
import { type DeployOptions, deployStack } from '../../../src/templates/stack/deploy-stack.ts';
import { kindOf } from '../../../src/templates/stack/kinds.ts';
import { type PlanStep, planStack } from '../../../src/templates/stack/plan.ts';
import type { StackContext } from '../../../src/templates/stack/stack-context.ts';
import { engineStackStore } from '../../../src/templates/stack/stack-store.ts';
import type { StackTemplate } from '../../../src/templates/stack/stack-template.ts';
import { FakeClock } from '../../support/fake-clock.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers of the wire, looked at field by field
type Answer = any;

export interface Workbench {
  context: StackContext;
  /** Every call that was no GET, since the last look. */
  writes: string[];
  /** Put between the loader and the control plane. */
  intercept: ControlCall | undefined;
  /** The control plane itself. */
  direct: ControlCall;
  get(path: string): Promise<Answer>;
  list(path: string): Promise<Answer[]>;
  load(yaml: string, parameters?: Record<string, string>): StackTemplate;
  deploy(
    yaml: string,
    options?: DeployOptions & { parameters?: Record<string, string> },
  ): ReturnType<typeof deployStack>;
  deployWith(context: StackContext, yaml: string): ReturnType<typeof deployStack>;
  plan(yaml: string): Promise<string[]>;
}

export const environment = { stackName: 'chat', region: 'us-east-1', account: '123456789012' };

/** A control plane over a store of its own, for each test. */
export function useWorkbench(): Workbench {
  const bench = {} as Workbench;
  let engine: EmbeddedEngine;
  beforeEach(async () => {
    engine = new EmbeddedEngine({ ephemeral: true });
    await engine.start();
    const plane = createControlPlane({
      store: engine.resources,
      counters: engine.counters,
      clock: new FakeClock(),
      random: systemRandom,
      accountId: environment.account,
      region: environment.region,
      endpointOf: (apiId) => `ws://127.0.0.1:4080/${apiId}`,
    });
    const direct = controlCall(plane);
    const call: ControlCall = (method, path, body) => {
      if (method !== 'GET') bench.writes.push(`${method} ${path}`);
      return (bench.intercept ?? direct)(method, path, body);
    };
    const get = async (path: string) => {
      const answer = await direct('GET', path);
      if (answer.status !== 200) throw new Error(`${path}: ${answer.status}`);
      return answer.body;
    };
    const context: StackContext = {
      name: 'chat',
      client: controlClient(call),
      store: engineStackStore(engine.resources),
      region: environment.region,
      kindOf,
    };
    Object.assign(bench, {
      context,
      writes: [],
      direct,
      deployWith: (other: StackContext, yaml: string) => deployStack(other, loadYaml(yaml)),
      intercept: undefined,
      get,
      list: async (path: string) => ((await get(path)) as Answer).items,
      load: loadYaml,
      deploy: (yaml: string, options: Parameters<Workbench['deploy']>[1] = {}) =>
        deployStack(context, loadYaml(yaml, options.parameters), options),
      plan: async (yaml: string) => (await planStack(context, loadYaml(yaml))).map(shown),
    });
  });
  afterEach(() => engine.stop());
  return bench;
}

function loadYaml(yaml: string, parameters: Record<string, string> = {}): StackTemplate {
  const places = new Places();
  const document = readTree(yaml, { file: 'template.yaml', places, hasShortTags: true });
  const template = { document: document as Record<string, unknown>, places, folder: '/nowhere' };
  return loadTemplate(template, { environment, parameters, exports: {} });
}

/** `+ Route Connect $connect`, `~ Stage Prod prod: StageVariables (it moves)`. */
export function shown({ action, noun, logicalId, label, fields, reason }: PlanStep): string {
  const sign = { create: '+', update: '~', replace: '-+', remove: '-' }[action];
  const changes = fields.length > 0 ? `: ${fields.join(', ')}` : '';
  return `${sign} ${noun} ${logicalId} ${label}${changes}${reason ? ` (${reason})` : ''}`;
}
