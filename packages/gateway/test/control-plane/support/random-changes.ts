import fc from 'fast-check';
import { lambdaUri } from './make.ts';
import type { PlaneInFolder } from './plane-in-folder.ts';

/** What one change is drawn from: which kind, what to do with it, and numbers for every choice. */
export interface Draw {
  readonly kind: string;
  readonly verb: 'create' | 'update' | 'delete';
  readonly dice: readonly [number, number, number, number];
}

/** Sequences of changes; those of one batch are sent at the same time. */
export const changes = () => fc.array(fc.array(draw, { minLength: 1, maxLength: 4 }), SIZE);
const SIZE = { minLength: 25, maxLength: 60, size: 'max' } as const;

/** What was made, by path, and what was taken away again. No path is ever used twice. */
export class World {
  readonly #plane: PlaneInFolder;
  readonly #made: { readonly kind: string; readonly path: string }[] = [];
  readonly #gone: string[] = [];
  #names = 0;

  constructor(plane: PlaneInFolder) {
    this.#plane = plane;
  }

  /** Sends one change; a refusal is as good as a success, a failure is not. */
  async change(drawn: Draw): Promise<void> {
    const kind = kinds[drawn.kind]!;
    const { dice } = drawn;
    if (drawn.verb === 'create') {
      const path = kind.path(this, dice[0]);
      if (path === undefined) return;
      const { status, json } = await this.#send('POST', path, kind.create(this, dice, path));
      if (status < 300) this.#made.push({ kind: drawn.kind, path: `${path}/${json[kind.id]}` });
      return;
    }
    const path = this.any(drawn.kind, dice[0]);
    if (path === undefined) return;
    if (drawn.verb === 'delete') {
      const { status } = await this.#send('DELETE', path);
      if (status < 300) this.#gone.push(path);
    } else {
      const parent = path.slice(0, path.lastIndexOf('/'));
      const body = kind.update?.(this, dice, parent) ?? kind.create(this, dice, parent);
      await this.#send(kind.method ?? 'PATCH', path, body);
    }
  }

  /** One of a kind, deleted or not; of one API when `within` is its path. */
  any(kind: string, die: number, within = '/'): string | undefined {
    const all = this.#made.filter((each) => each.kind === kind && each.path.startsWith(within));
    return all.length === 0 ? undefined : all[die % all.length]!.path;
  }

  /** The id of one of a kind, or of nothing. */
  id(kind: string, die: number, within?: string): string {
    return this.any(kind, die, within)?.split('/').at(-1) ?? 'nosuch0';
  }

  freshName(): string {
    this.#names += 1;
    return `n${this.#names}`;
  }

  /** Every path that was made, and whether it must be there. */
  paths(): { readonly path: string; readonly isThere: boolean }[] {
    return this.#made.map(({ path }) => ({
      path,
      isThere: !this.#gone.some((gone) => path === gone || path.startsWith(`${gone}/`)),
    }));
  }

  async #send(method: string, path: string, body?: unknown) {
    const answer = await this.#plane.ask(method, path, body);
    if (answer.status < 500) return answer;
    throw new Error(`${method} ${path} answered ${answer.status}`);
  }
}

interface Kind {
  readonly id: string;
  path(world: World, die: number): string | undefined;
  create(world: World, dice: Draw['dice'], path: string): unknown;
  /** Default: as `create`. */
  update?(world: World, dice: Draw['dice'], path: string): unknown;
  /** How it is changed. Default PATCH. */
  readonly method?: string;
}

const oneOf = <T>(die: number, ...values: readonly T[]): T => values[die % values.length]!;
const apiOf = (path: string) => path.split('/').slice(0, 4).join('/');
const below = (kind: string, name: string) => (world: World, die: number) => {
  const parent = world.any(kind, die);
  return parent && `${parent}/${name}`;
};

function routeBody(world: World, [, a, b, c]: Draw['dice'], path: string) {
  const api = apiOf(path);
  const optional = [
    { target: `integrations/${world.id('integration', a, api)}` },
    { target: '' },
    { authorizationType: 'CUSTOM', authorizerId: world.id('authorizer', b, api) },
    { authorizationType: 'NONE' },
    { requestModels: { $default: oneOf(b, 'A', 'B', 'C') } },
    { requestModels: { $default: '' } },
    {},
  ];
  return { ...oneOf(a, ...optional), ...oneOf(c, ...optional) };
}

function stageBody(world: World, [, a, b, c]: Draw['dice'], path: string) {
  return oneOf(
    a,
    { autoDeploy: true },
    { autoDeploy: false },
    { deploymentId: world.id('deployment', b, apiOf(path)) },
    { stageVariables: { [oneOf(b, 'x', 'y')]: oneOf(c, '', '1', '2') } },
    { description: oneOf(b, '', 'talk') },
  );
}

const mappingBody = (world: World, [, a, b, c]: Draw['dice']) => {
  const apiId = world.id('api', a);
  const stage = world.id('stage', b, `/v2/apis/${apiId}/`);
  return { apiId, stage, apiMappingKey: oneOf(c, '', 'a', 'b', 'c') };
};

const kinds: Readonly<Record<string, Kind>> = {
  api: {
    id: 'apiId',
    path: () => '/v2/apis',
    create: () => ({
      name: 'chat',
      protocolType: 'WEBSOCKET',
      routeSelectionExpression: '$request.body.action',
    }),
    update: (_, [, a]) => ({ description: oneOf(a, '', 'talk') }),
  },
  integration: {
    id: 'integrationId',
    path: below('api', 'integrations'),
    create: (_, [, a]) => ({ integrationType: 'MOCK', description: oneOf(a, '', 'x', 'y') }),
  },
  integrationResponse: {
    id: 'integrationResponseId',
    path: below('integration', 'integrationresponses'),
    create: (_, [, a]) => ({ integrationResponseKey: oneOf(a, '$default', '/200/', '/4../') }),
  },
  model: {
    id: 'modelId',
    path: below('api', 'models'),
    create: (_, [, a]) => ({ name: oneOf(a, 'A', 'B', 'C'), schema: '{}' }),
  },
  authorizer: {
    id: 'authorizerId',
    path: below('api', 'authorizers'),
    create: (world) => ({
      name: world.freshName(),
      authorizerType: 'REQUEST',
      authorizerUri: lambdaUri,
    }),
  },
  route: {
    id: 'routeId',
    path: below('api', 'routes'),
    create: (world, dice, path) => ({
      ...routeBody(world, dice, path),
      routeKey: oneOf(dice[1], '$connect', '$disconnect', '$default', 'a', 'b'),
    }),
    update: routeBody,
  },
  routeResponse: {
    id: 'routeResponseId',
    path: below('route', 'routeresponses'),
    create: () => ({ routeResponseKey: '$default' }),
  },
  deployment: {
    id: 'deploymentId',
    path: below('api', 'deployments'),
    create: (world, [, a, b], path) =>
      oneOf(a, {}, { stageName: world.id('stage', b, apiOf(path)) }),
    update: (_, [, a]) => ({ description: oneOf(a, '', 'first') }),
  },
  stage: {
    id: 'stageName',
    path: below('api', 'stages'),
    create: (world, dice, path) => ({
      ...stageBody(world, dice, path),
      stageName: world.freshName(),
    }),
    update: stageBody,
  },
  domain: {
    id: 'domainName',
    path: () => '/v2/domainnames',
    create: (world) => ({
      domainName: `${world.freshName()}.example.com`,
      domainNameConfigurations: [{}],
    }),
    update: () => ({ domainNameConfigurations: [{ ipAddressType: 'dualstack' }] }),
  },
  mapping: {
    id: 'apiMappingId',
    path: below('domain', 'apimappings'),
    create: mappingBody,
  },
  routingRule: {
    id: 'routingRuleId',
    path: below('domain', 'routingrules'),
    create: (_, [, a]) => ({
      priority: (a % 9) + 1,
      conditions: [],
      actions: [{ invokeApi: { apiId: 'a1', stage: 'b' } }],
    }),
    method: 'PUT',
  },
  vpcLink: {
    id: 'vpcLinkId',
    path: () => '/v2/vpclinks',
    create: () => ({ name: 'link', subnetIds: ['subnet-1'] }),
    update: (world) => ({ name: world.freshName() }),
  },
  usagePlan: {
    id: 'id',
    path: () => '/usageplans',
    create: (world, dice) => {
      const { apiId, stage } = mappingBody(world, dice);
      return { name: world.freshName(), apiStages: [{ apiId, stage }] };
    },
    update: (_, [, a]) => ({
      patchOperations: [{ op: 'replace', path: '/description', value: oneOf(a, 'x', 'y') }],
    }),
  },
};

/** Those with references more often than those without, and whole APIs and domains seldom. */
const weights: Record<string, number> = { api: 1, domain: 1, vpcLink: 1, route: 5, stage: 5 };
const dice = fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99), fc.nat(99));
const verb = fc.oneof(
  { weight: 5, arbitrary: fc.constant('create' as const) },
  { weight: 3, arbitrary: fc.constant('update' as const) },
  { weight: 2, arbitrary: fc.constant('delete' as const) },
);
const kind = fc.oneof(
  ...Object.keys(kinds).map((name) => ({
    weight: weights[name] ?? 3,
    arbitrary: fc.constant(name),
  })),
);
const draw: fc.Arbitrary<Draw> = fc.record({ kind, verb, dice });
