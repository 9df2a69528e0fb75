import { call, list } from './call.ts';
import type { Api, Authorizer, Integration, Route, Stage } from './types.ts';

export interface StageChoice {
  readonly apiId: string;
  readonly apiName: string;
  readonly stage: string;
}

export async function listApis(): Promise<Api[]> {
  const apis = await list<Api>('/v2/apis');
  return apis.filter(({ protocolType }) => protocolType === 'WEBSOCKET');
}

export interface ApiParts {
  readonly api: Api;
  readonly routes: readonly Route[];
  readonly integrations: readonly Integration[];
  readonly stages: readonly Stage[];
  readonly authorizers: readonly Authorizer[];
}

export async function readApi(apiId: string): Promise<ApiParts> {
  const base = `/v2/apis/${encodeURIComponent(apiId)}`;
  const [api, routes, integrations, stages, authorizers] = await Promise.all([
    call<Api>(base),
    list<Route>(`${base}/routes`),
    list<Integration>(`${base}/integrations`),
    list<Stage>(`${base}/stages`),
    list<Authorizer>(`${base}/authorizers`),
  ]);
  return { api, routes: routes.sort(byKey), integrations, stages, authorizers };
}

/** Every stage of every API, for whoever has to choose one. */
export async function listStages(): Promise<StageChoice[]> {
  const apis = await listApis();
  const choices = await Promise.all(
    apis.map(async ({ apiId, name }) => {
      const stages = await list<Stage>(`/v2/apis/${encodeURIComponent(apiId)}/stages`);
      return stages.map(({ stageName }) => ({ apiId, apiName: name, stage: stageName }));
    }),
  );
  return choices.flat();
}

/** In the order in which a client meets them. */
const RESERVED = ['$connect', '$default', '$disconnect'];
const rank = ({ routeKey }: Route) => {
  const at = RESERVED.indexOf(routeKey);
  return at === 0 ? 0 : at < 0 ? 1 : at + 1;
};
const byKey = (one: Route, other: Route) =>
  rank(one) - rank(other) || one.routeKey.localeCompare(other.routeKey);
