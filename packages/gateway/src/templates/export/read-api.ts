import type { Api } from '../../resources/api.ts';
import type { ApiDocument } from '../../resources/api-document.ts';
import type { Authorizer } from '../../resources/authorizer.ts';
import type { Integration } from '../../resources/integration.ts';
import type { IntegrationResponse } from '../../resources/integration-response.ts';
import type { Model } from '../../resources/model.ts';
import type { Dictionary } from '../../resources/record.ts';
import type { Route, RouteResponse } from '../../resources/route.ts';
import type { Stage } from '../../resources/stage.ts';
import type { ControlClient } from '../control-client.ts';

/** An API and everything in it, as anyone may read it from the control plane. */
export async function readApi(client: ControlClient, apiId: string): Promise<ApiDocument> {
  const base = `/v2/apis/${encodeURIComponent(apiId)}`;
  const api = await client.get<Api>(base);
  const routes = await client.list<Route>(`${base}/routes`);
  const integrations = await client.list<Integration>(`${base}/integrations`);
  const routeResponses: RouteResponse[] = [];
  for (const { routeId } of routes) {
    const responses = await client.list<RouteResponse>(`${base}/routes/${routeId}/routeresponses`);
    routeResponses.push(...responses.map((each) => ({ ...each, routeId })));
  }
  const integrationResponses: IntegrationResponse[] = [];
  for (const { integrationId } of integrations) {
    const path = `${base}/integrations/${integrationId}/integrationresponses`;
    const responses = await client.list<IntegrationResponse>(path);
    integrationResponses.push(...responses.map((each) => ({ ...each, integrationId })));
  }
  return inOrder({
    api,
    routes: by('routeId', routes),
    routeResponses: by('routeResponseId', routeResponses),
    integrations: by('integrationId', integrations),
    integrationResponses: by('integrationResponseId', integrationResponses),
    authorizers: by('authorizerId', await client.list<Authorizer>(`${base}/authorizers`)),
    models: by('modelId', await client.list<Model>(`${base}/models`)),
    stages: by('stageName', await client.list<Stage>(`${base}/stages`)),
  });
}

const RESERVED = ['$connect', '$disconnect', '$default'];

/** By names, since ids are chance: the same API comes out as the same text everywhere. */
export function inOrder(document: ApiDocument): ApiDocument {
  const { routes, routeResponses, integrations, integrationResponses } = document;
  const rank = (routeKey: string) =>
    RESERVED.includes(routeKey) ? RESERVED.indexOf(routeKey) : RESERVED.length;
  const ordered = sorted(routes, ({ routeKey }) => [rank(routeKey), routeKey]);
  const places = Object.values(ordered).map(({ target }) => target);
  const placeOf = (id: string) => {
    const place = places.indexOf(`integrations/${id}`);
    return place < 0 ? places.length : place;
  };
  const integrationsInOrder = sorted(integrations, ({ integrationId, ...rest }) => [
    placeOf(integrationId),
    JSON.stringify(rest),
  ]);
  const integrationIds = Object.keys(integrationsInOrder);
  const routeIds = Object.values(ordered).map(({ routeId }) => routeId);
  return {
    api: document.api,
    routes: ordered,
    routeResponses: sorted(routeResponses, ({ routeId }) => [routeIds.indexOf(routeId), '']),
    integrations: integrationsInOrder,
    integrationResponses: sorted(integrationResponses, (each) => [
      integrationIds.indexOf(each.integrationId),
      each.integrationResponseKey,
    ]),
    authorizers: sorted(document.authorizers, ({ authorizerId: _, ...rest }) => [
      0,
      JSON.stringify([rest.name, rest]),
    ]),
    models: sorted(document.models, ({ name }) => [0, name]),
    stages: sorted(document.stages, ({ stageName }) => [0, stageName]),
  };
}

/** Entries by a number, then by a text. Keys that look like numbers keep JavaScript's own order. */
function sorted<Item>(
  items: Dictionary<Item>,
  keyOf: (item: Item) => readonly [number, string],
): Dictionary<Item> {
  const keyed = Object.entries(items).map((entry) => ({ entry, key: keyOf(entry[1]) }));
  keyed.sort((one, other) => one.key[0] - other.key[0] || (one.key[1] < other.key[1] ? -1 : 1));
  return Object.fromEntries(keyed.map(({ entry }) => entry));
}

function by<Key extends string, Item extends Readonly<Record<Key, string>>>(
  key: Key,
  items: readonly Item[],
): Dictionary<Item> {
  return Object.fromEntries(items.map((item) => [item[key], item]));
}
