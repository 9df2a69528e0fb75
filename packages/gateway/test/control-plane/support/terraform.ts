import { expect } from 'vitest';
import type { RawAnswer, RunningControlPlane } from './start-control-plane.ts';

/** Ids of what was made, by the words a case chooses. */
export type Ids = Readonly<Record<string, string>>;
export type Values = Readonly<Record<string, unknown>>;

/** One kind of resource as Terraform's AWS provider handles it: its requests, and what it reads. */
export interface TerraformResource {
  /** As configurations call it, such as `aws_apigatewayv2_route`. */
  readonly type: string;
  /** What else there must be first. An API is always there: `ids.api`. */
  readonly needs?: (terraform: Terraform, ids: Ids) => Promise<Ids>;
  /** Where it is created. */
  readonly path: (ids: Ids) => string;
  /** The field that is its id. */
  readonly id: string;
  /** The provider reads the API before it creates. */
  readonly asksApi?: true;
  readonly created: (ids: Ids) => Values;
  /** All a read shows but the id and dates. What differs from the configuration is a diff for ever. */
  readonly shown: (ids: Ids) => Values;
  /** Applied one after the other. */
  readonly updates: readonly TerraformUpdate[];
  /** The status of its deletion. */
  readonly deleted?: number;
}

export interface TerraformUpdate {
  readonly does: string;
  /** Below the resource, before the PATCH: what no PATCH can remove. */
  readonly deletes?: readonly string[];
  /** Exactly the fields the provider sends. Absent: no PATCH follows. */
  readonly sent?: (ids: Ids) => Values;
  /** How the next read differs from the one before; `undefined` is no longer there. */
  readonly shown: (ids: Ids) => Values;
}

/** Requests as the provider makes them: each must answer with the status it counts on. */
export class Terraform {
  readonly #plane: RunningControlPlane;

  constructor(plane: RunningControlPlane) {
    this.#plane = plane;
  }

  async call(method: string, path: string, status: number, body?: unknown): Promise<RawAnswer> {
    const answer = await this.#plane.send(method, path, body);
    expect(answer, `${method} ${path} ${JSON.stringify(body)}: ${answer.text}`).toMatchObject({
      status,
    });
    return answer;
  }

  async create(path: string, body: Values): Promise<Values> {
    return (await this.call('POST', path, 201, body)).json;
  }

  async read(path: string): Promise<Values> {
    return (await this.call('GET', path, 200)).json;
  }
}

/** A resource that was created and read, with what Terraform then knows about it. */
export interface Applied {
  readonly ids: Ids;
  /** Its own path. */
  readonly one: string;
  readonly state: Values;
}

export async function apply(terraform: Terraform, resource: TerraformResource): Promise<Applied> {
  const api = await terraform.create('/v2/apis', {
    name: 'chat',
    protocolType: 'WEBSOCKET',
    apiKeySelectionExpression: '$request.header.x-api-key',
    routeSelectionExpression: '$request.body.action',
  });
  let ids: Ids = { api: String(api.apiId) };
  ids = { ...ids, ...(await resource.needs?.(terraform, ids)) };
  if (resource.asksApi) await terraform.read(`/v2/apis/${ids.api}`);
  const path = resource.path(ids);
  const created = await terraform.create(path, resource.created(ids));
  const one = `${path}/${created[resource.id]}`;
  const state = await terraform.read(one);
  expect(state[resource.id]).toEqual(created[resource.id]);
  expect(withoutDates(resource, state)).toEqual(resource.shown(ids));
  return { ids, one, state };
}

/** An update and the read after it. */
export async function update(
  terraform: Terraform,
  { ids, one, state }: Applied,
  { does, deletes = [], sent, shown }: TerraformUpdate,
): Promise<Applied> {
  for (const part of deletes) await terraform.call('DELETE', `${one}/${part}`, 204);
  if (sent) await terraform.call('PATCH', one, 200, sent(ids));
  const next = await terraform.read(one);
  const { lastUpdatedDate: _, ...expected } = { ...state, ...shown(ids) } as Record<
    string,
    unknown
  >;
  const { lastUpdatedDate: __, ...read } = next as Record<string, unknown>;
  expect(read, does).toEqual(expected);
  return { ids, one, state: next };
}

const givenDates = ['createdDate', 'lastUpdatedDate'];

function withoutDates({ id }: TerraformResource, values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => name !== id && !givenDates.includes(name)),
  );
}

/** The path of the API. */
export const base = ({ api }: Ids) => `/v2/apis/${api}`;

export async function integrationOf(terraform: Terraform, ids: Ids): Promise<string> {
  const sent = { connectionType: 'INTERNET', integrationType: 'MOCK', payloadFormatVersion: '1.0' };
  return String((await terraform.create(`${base(ids)}/integrations`, sent)).integrationId);
}

export async function routeOf(terraform: Terraform, ids: Ids, routeKey: string): Promise<string> {
  const sent = { apiKeyRequired: false, authorizationType: 'NONE', routeKey };
  return String((await terraform.create(`${base(ids)}/routes`, sent)).routeId);
}
