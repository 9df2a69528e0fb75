import type { ControlClient } from './control-client.ts';
import type { PosternApi, PosternRoute } from './postern-file.ts';

interface RouteAnswer {
  readonly routeId: string;
  readonly routeKey: string;
  readonly target?: string;
  readonly routeResponseSelectionExpression?: string;
}

type IntegrationAnswer = ReturnType<typeof integrationOf> & { readonly integrationId: string };

/** Makes the routes of an API, each with an integration of its own, those of the file. */
export async function applyRoutes(api: PosternApi, client: ControlClient): Promise<string[]> {
  const base = `/v2/apis/${api.id}`;
  const changes: string[] = [];
  const routes = await client.list<RouteAnswer>(`${base}/routes`);
  const integrations = await client.list<IntegrationAnswer>(`${base}/integrations`);
  const free = new Map(integrations.map((one) => [`integrations/${one.integrationId}`, one]));

  const keys = new Set(api.routes.map(({ routeKey }) => routeKey));
  for (const { routeId, routeKey } of routes.filter((route) => !keys.has(route.routeKey))) {
    await client.remove(`${base}/routes/${routeId}`);
    changes.push(`${api.name}: removed route ${routeKey}`);
  }
  for (const route of api.routes) {
    const place = client.at(`apis.${api.name}.routes.${route.routeKey}`);
    const current = routes.find(({ routeKey }) => routeKey === route.routeKey);
    const integration = current?.target === undefined ? undefined : free.get(current.target);
    // Taken: a second route that shares the integration gets one of its own.
    if (integration) free.delete(`integrations/${integration.integrationId}`);

    const applied = await applyIntegration(route, integration, base, place);
    const target = `integrations/${applied.integrationId}`;
    const isRouteChanged = await applyRoute(route, current, target, base, place);
    if (!current) changes.push(`${api.name}: added route ${route.routeKey} → ${shown(route)}`);
    else if (applied.isChanged || isRouteChanged) {
      changes.push(`${api.name}: changed route ${route.routeKey} → ${shown(route)}`);
    }
  }
  for (const { integrationId } of free.values()) {
    await client.remove(`${base}/integrations/${integrationId}`);
  }
  return changes;
}

async function applyIntegration(
  route: PosternRoute,
  current: IntegrationAnswer | undefined,
  base: string,
  client: ControlClient,
): Promise<{ readonly integrationId: string; readonly isChanged: boolean }> {
  const wanted = integrationOf(route);
  if (!current) {
    const created = await client.create<IntegrationAnswer>(`${base}/integrations`, wanted);
    return { integrationId: created.integrationId, isChanged: true };
  }
  const { integrationId } = current;
  const patch = differences(wanted, current);
  if (Object.keys(patch).length === 0) return { integrationId, isChanged: false };
  await client.update(`${base}/integrations/${integrationId}`, patch);
  return { integrationId, isChanged: true };
}

function integrationOf({ type, uri, method, timeoutMillis, headers, query }: PosternRoute) {
  const named = (destination: string, values: Readonly<Record<string, string>>) =>
    Object.entries(values).map(([name, source]) => [
      `integration.request.${destination}.${name}`,
      source,
    ]);
  return {
    integrationType: type as string,
    integrationMethod: method,
    integrationUri: uri,
    connectionType: 'INTERNET',
    timeoutInMillis: timeoutMillis,
    requestParameters: Object.fromEntries([
      ...named('header', headers),
      ...named('querystring', query),
    ]) as Record<string, string>,
  };
}

/** What a PATCH must say. Request parameters are merged by it, and an empty text removes one. */
function differences(
  wanted: ReturnType<typeof integrationOf>,
  current: Partial<IntegrationAnswer>,
): Partial<typeof wanted> {
  const { requestParameters, ...plain } = wanted;
  const changed = Object.entries(plain).filter(
    ([key, value]) => current[key as keyof typeof plain] !== value,
  );
  const parameters = mergePatch(requestParameters, current.requestParameters);
  return {
    ...Object.fromEntries(changed),
    ...(parameters && { requestParameters: parameters }),
  };
}

/** What turns `current` into `wanted` where given keys are merged and an empty text removes one. */
export function mergePatch(
  wanted: Readonly<Record<string, string>>,
  current: Readonly<Record<string, string>> = {},
): Record<string, string> | undefined {
  const changed = Object.entries(wanted).filter(([key, value]) => current[key] !== value);
  const removed = Object.keys(current).filter((key) => !Object.hasOwn(wanted, key));
  if (changed.length + removed.length === 0) return undefined;
  return Object.fromEntries([...changed, ...removed.map((key) => [key, ''] as const)]);
}

async function applyRoute(
  { routeKey, isTwoWay }: PosternRoute,
  current: RouteAnswer | undefined,
  target: string,
  base: string,
  client: ControlClient,
): Promise<boolean> {
  const routeResponseSelectionExpression = isTwoWay ? '$default' : '';
  if (!current) {
    const body = { routeKey, target, ...(isTwoWay && { routeResponseSelectionExpression }) };
    const { routeId } = await client.create<RouteAnswer>(`${base}/routes`, body);
    await applyRouteResponse(isTwoWay, `${base}/routes/${routeId}`, client);
    return true;
  }
  const path = `${base}/routes/${current.routeId}`;
  const isResponseChanged = await applyRouteResponse(isTwoWay, path, client);
  const isSame =
    current.target === target &&
    (current.routeResponseSelectionExpression ?? '') === routeResponseSelectionExpression;
  if (!isSame) await client.update(path, { target, routeResponseSelectionExpression });
  return isResponseChanged || !isSame;
}

/** A route answers its client when it has the expression and a route response, as on AWS. */
async function applyRouteResponse(
  isTwoWay: boolean,
  routePath: string,
  client: ControlClient,
): Promise<boolean> {
  const path = `${routePath}/routeresponses`;
  const responses = await client.list<{ routeResponseId: string }>(path);
  if (isTwoWay === responses.length > 0) return false;
  if (isTwoWay) await client.create(path, { routeResponseKey: '$default' });
  for (const { routeResponseId } of responses) await client.remove(`${path}/${routeResponseId}`);
  return true;
}

/** Method and URL, or the function; a query may hold a key, and the sentence is printed. */
function shown({ type, method, uri }: PosternRoute): string {
  return type === 'AWS_PROXY' ? uri.replace(/^.*:/, '') : `${method} ${uri.replace(/\?.*/s, '')}`;
}
