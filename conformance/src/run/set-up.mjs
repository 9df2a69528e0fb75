import { setTimeout as sleep } from 'node:timers/promises';
import { fillAll } from '../match/placeholders.mjs';
import { callControlPlane } from './control-plane.mjs';

/**
 * Makes the API of a case out of its short form, by control-plane calls alone.
 */

/**
 * @typedef {object} ApiSpec
 * @property {string} [routeSelectionExpression] default `$request.body.action`
 * @property {Record<string, any>} [fields] further fields of CreateApi
 * @property {Record<string, any>} [stage] fields of CreateStage; `stageName` is `test` by default
 * @property {Record<string, any>} [models] name → JSON schema
 * @property {Record<string, any>} [authorizers] name → fields of CreateAuthorizer
 * @property {Record<string, any>} [routes] route key → see `addRoute`
 * @property {boolean} [deployed] default true
 */

const FUNCTION_NAMES = ['handler', 'authorizer', 'other'];

/**
 * Variables that hold without an API.
 *
 * @param {import('./world.mjs').World} world
 */
export function setVariables({ variables, target, key }) {
  const { region, backendUrl, controlUrl } = target;
  variables.set('case', key);
  variables.set('region', region);
  variables.set('backend', `${backendUrl}/${key}`);
  variables.set('backendHost', new URL(backendUrl).host);
  variables.set('host', controlUrl.host);
  for (const length of [3900, 4096]) variables.set(`${length} characters`, 'x'.repeat(length));
  for (const name of FUNCTION_NAMES) {
    const arn = `arn:aws:lambda:${region}:000000000000:function:${key}-${name}`;
    const path = `lambda:path/2015-03-31/functions/${arn}/invocations`;
    variables.set(`functionArn ${name}`, arn);
    variables.set(`functionUri ${name}`, `arn:aws:apigateway:${region}:${path}`);
  }
}

/**
 * @param {import('./world.mjs').World} world
 * @param {ApiSpec} given
 */
export async function setUpApi(world, given) {
  const { target, variables } = world;
  /** @type {ApiSpec} */
  const spec = fillAll(given, variables);
  const { routeSelectionExpression = '$request.body.action', fields, stage } = spec;
  const api = await callControlPlane(target, 'POST', '/v2/apis', {
    name: `conformance ${world.key}`,
    protocolType: 'WEBSOCKET',
    routeSelectionExpression,
    ...fields,
  });
  world.apiId = api.apiId;
  world.endpoint = new URL(api.apiEndpoint);
  world.stage = stage?.stageName ?? 'test';
  variables.set('apiId', api.apiId);
  variables.set('stage', world.stage);
  variables.set('host', world.endpoint.host);
  const path = `/v2/apis/${api.apiId}`;
  for (const [name, schema] of Object.entries(spec.models ?? {})) {
    await callControlPlane(target, 'POST', `${path}/models`, {
      name,
      contentType: 'application/json',
      schema: JSON.stringify(schema),
    });
  }
  for (const [name, authorizer] of Object.entries(spec.authorizers ?? {})) {
    const { authorizerId } = await callControlPlane(target, 'POST', `${path}/authorizers`, {
      name,
      authorizerType: 'REQUEST',
      authorizerUri: variables.get('functionUri authorizer'),
      ...authorizer,
    });
    variables.set(`authorizer ${name}`, authorizerId);
  }
  for (const [routeKey, route] of Object.entries(spec.routes ?? {})) {
    await addRoute(world, routeKey, typeof route === 'string' ? { integrationType: route } : route);
  }
  await callControlPlane(target, 'POST', `${path}/stages`, { stageName: world.stage, ...stage });
  if (spec.deployed !== false) await deploy(world);
}

/** @param {import('./world.mjs').World} world */
export async function deploy({ target, apiId, stage }) {
  await callControlPlane(target, 'POST', `/v2/apis/${apiId}/deployments`, { stageName: stage });
  if (target.settleMillis > 0) await sleep(target.settleMillis);
}

/** @param {import('./world.mjs').World} world */
export async function tearDownApi({ target, apiId }) {
  if (apiId !== '') await callControlPlane(target, 'DELETE', `/v2/apis/${apiId}`);
}

/**
 * A route with its integration. Beside the fields of CreateIntegration: `twoWay`, `integrationResponses`
 * (key → fields) and `route` (further fields of CreateRoute). The type NONE is a route without target.
 *
 * @param {import('./world.mjs').World} world
 * @param {string} routeKey
 * @param {Record<string, any>} spec
 */
async function addRoute({ target, apiId, variables }, routeKey, spec) {
  const { twoWay = false, integrationResponses, route, ...integration } = spec;
  const path = `/v2/apis/${apiId}`;
  const responses = integrationResponses ?? defaultResponses(integration.integrationType, twoWay);
  let link = {};
  if (integration.integrationType !== 'NONE') {
    const fields = withoutNulls({
      ...defaultsOf(routeKey, integration, variables),
      ...integration,
    });
    const { integrationId } = await callControlPlane(
      target,
      'POST',
      `${path}/integrations`,
      fields,
    );
    variables.set(`integration ${routeKey}`, integrationId);
    for (const [key, response] of Object.entries(responses)) {
      const under = `${path}/integrations/${integrationId}/integrationresponses`;
      const body = { integrationResponseKey: key, .../** @type {object} */ (response) };
      await callControlPlane(target, 'POST', under, body);
    }
    link = { target: `integrations/${integrationId}` };
  }
  const { routeId } = await callControlPlane(target, 'POST', `${path}/routes`, {
    routeKey,
    ...link,
    ...(twoWay && { routeResponseSelectionExpression: '$default' }),
    ...routeFields(route, variables),
  });
  variables.set(`route ${routeKey}`, routeId);
  if (twoWay) {
    const response = { routeResponseKey: '$default' };
    await callControlPlane(target, 'POST', `${path}/routes/${routeId}/routeresponses`, response);
  }
}

/**
 * `authorizer: NAME` stands for the two fields that attach one.
 *
 * @param {any} route
 * @param {import('../match/placeholders.mjs').Variables} variables
 */
function routeFields(route, variables) {
  if (route?.authorizer === undefined) return route;
  const { authorizer, ...rest } = route;
  const authorizerId = variables.get(`authorizer ${authorizer}`);
  return { ...rest, authorizationType: 'CUSTOM', authorizerId };
}

/**
 * @param {string} routeKey
 * @param {Record<string, any>} integration
 * @param {import('../match/placeholders.mjs').Variables} variables
 * @returns {Record<string, any>}
 */
function defaultsOf(routeKey, { integrationType }, variables) {
  const path = encodeURIComponent(routeKey.replace(/^\$/, ''));
  switch (integrationType) {
    case 'MOCK':
      return {
        requestTemplates: { $default: '{"statusCode":200}' },
        templateSelectionExpression: '\\$default',
      };
    case 'HTTP':
    case 'HTTP_PROXY':
      return {
        integrationMethod: 'POST',
        integrationUri: `${variables.get('backend')}/${path}`,
        requestParameters: { 'integration.request.header.connectionId': 'context.connectionId' },
      };
    default:
      return { integrationMethod: 'POST', integrationUri: variables.get('functionUri handler') };
  }
}

/**
 * A two-way route of a custom integration needs an integration response.
 *
 * @param {string} integrationType
 * @param {boolean} twoWay
 */
function defaultResponses(integrationType, twoWay) {
  const isProxy = integrationType.endsWith('_PROXY') || integrationType === 'NONE';
  return twoWay && !isProxy ? { $default: {} } : {};
}

/** `null` takes a default away. */
function withoutNulls(/** @type {Record<string, any>} */ fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
