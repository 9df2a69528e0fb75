/** An API as `postern.yaml` has it: the short forms where they say everything, the wire's names elsewhere. */
import { apiFields } from '../../resources/api.ts';
import type { ApiDocument } from '../../resources/api-document.ts';
import { authorizerFields } from '../../resources/authorizer.ts';
import { type Integration, integrationFields } from '../../resources/integration.ts';
import { integrationResponseFields } from '../../resources/integration-response.ts';
import { modelFields } from '../../resources/model.ts';
import type { Dictionary } from '../../resources/record.ts';
import { type Route, routeFields } from '../../resources/route.ts';
import { routeResponseFields } from '../../resources/route-response.ts';
import { type Stage, stageFields } from '../../resources/stage.ts';
import { routeKeysByTarget } from './api-resources.ts';
import { foreignTags, plainFields } from './plain-fields.ts';

type Values = Dictionary<unknown>;

/** What stands under `apis.{name}`. */
export function posternEntry(document: ApiDocument): Record<string, unknown> {
  return new EntryWriter(document).write();
}

class EntryWriter {
  readonly #document: ApiDocument;
  /** Authorizer id → its name in the file. */
  readonly #authorizers: ReadonlyMap<string, string>;
  /** Integration id → its name in the file, for those that are not a route's own. */
  readonly #shared: ReadonlyMap<string, string>;
  /** Whether every URL is given the header that a file gives by itself. */
  readonly #hasUsualHeaders: boolean;

  constructor(document: ApiDocument) {
    this.#document = document;
    this.#authorizers = freshNames(
      Object.values(document.authorizers).map(({ authorizerId, name }) => [authorizerId, name]),
    );
    this.#shared = sharedIntegrations(document);
    this.#hasUsualHeaders = Object.values(document.integrations)
      .filter((each) => !this.#shared.has(each.integrationId) && shortOf(document, each))
      .every(({ requestParameters = {} }) => requestParameters[USUAL_HEADER] === USUAL_VALUE);
  }

  write(): Record<string, unknown> {
    const { api, models, authorizers, integrations, routes } = this.#document;
    const { name: _, ...fields } = plainFields(apiFields, api, ['tags', 'protocolType']);
    if (fields.routeSelectionExpression === USUAL_SELECTION) delete fields.routeSelectionExpression;
    const tags = foreignTags(api.tags);
    const named = {
      models: fromEntries(Object.values(models), ({ name, ...model }) => [
        name,
        plainFields(modelFields, { name, ...model }, ['name']),
      ]),
      authorizers: fromEntries(Object.values(authorizers), (authorizer) => {
        const key = this.#authorizers.get(authorizer.authorizerId)!;
        const same = key === authorizer.name ? ['name'] : [];
        return [key, plainFields(authorizerFields, authorizer, ['authorizerType', ...same])];
      }),
      integrations: fromEntries(
        Object.values(integrations).filter(({ integrationId }) => this.#shared.has(integrationId)),
        (one) => [this.#shared.get(one.integrationId)!, this.#integration(one)],
      ),
    };
    return {
      id: api.apiId,
      ...fields,
      ...(Object.keys(tags).length > 0 && { tags }),
      ...(!this.#hasUsualHeaders && { headers: {} }),
      ...Object.fromEntries(
        Object.entries(named).filter(([, each]) => Object.keys(each).length > 0),
      ),
      ...this.#stages(),
      routes: fromEntries(Object.values(routes), (route) => [route.routeKey, this.#route(route)]),
    };
  }

  /** The short form has one stage, with variables and settings of its own and nothing else. */
  #stages(): Values {
    const stages = Object.values(this.#document.stages);
    const plain = (stage: Stage) => ({
      ...plainFields(stageFields, stage, ['stageName', 'deploymentId', 'tags']),
      ...(Object.keys(foreignTags(stage.tags)).length > 0 && { tags: foreignTags(stage.tags) }),
    });
    const [only, ...others] = stages;
    if (only && others.length === 0) {
      const { stageVariables, ...rest } = plain(only) as Record<string, unknown>;
      if (Object.keys(rest).length === 0) {
        return { stage: only.stageName, ...(stageVariables !== undefined && { stageVariables }) };
      }
    }
    return { stages: fromEntries(stages, (stage) => [stage.stageName, plain(stage)]) };
  }

  #route(route: Route): unknown {
    const { integrations, routeResponses } = this.#document;
    const fields = plainFields(routeFields, route, ROUTE_KEYS);
    const response = Object.values(routeResponses).find(({ routeId }) => routeId === route.routeId);
    const answer = response && plainFields(routeResponseFields, response, ['routeResponseKey']);
    const isTwoWay = answer !== undefined && route.routeResponseSelectionExpression === '$default';
    const isPlainAnswer = isTwoWay && Object.keys(answer).length === 0;
    if (isTwoWay) delete fields.routeResponseSelectionExpression;
    if (route.authorizerId !== undefined) delete fields.authorizationType;
    const integration = integrations[route.target?.slice('integrations/'.length) ?? ''];
    const rest = {
      ...fields,
      ...(route.authorizerId !== undefined && {
        authorizer: this.#authorizers.get(route.authorizerId) ?? route.authorizerId,
      }),
      ...(isTwoWay && { twoWay: true }),
      ...(answer && !isPlainAnswer && { response: answer }),
    };
    const form = { ...this.#backend(integration), ...rest } as Record<string, unknown>;
    return Object.keys(form).length === 1 && form.url !== undefined ? form.url : form;
  }

  #backend(integration: Integration | undefined): Values {
    if (!integration) return { integration: null };
    const name = this.#shared.get(integration.integrationId);
    if (name !== undefined) return { integration: name };
    const short = shortOf(this.#document, integration);
    if (!short) return { integration: this.#integration(integration) };
    const { headers = {}, ...rest } = short as { headers?: Dictionary<string> } & Values;
    const { connectionId, ...others } = headers;
    const kept = this.#hasUsualHeaders ? others : headers;
    const isKnown = !this.#hasUsualHeaders || connectionId === USUAL_VALUE;
    if (!isKnown) return { integration: this.#integration(integration) };
    return { ...rest, ...(Object.keys(kept).length > 0 && { headers: kept }) };
  }

  #integration(integration: Integration): Values {
    const { integrationId } = integration;
    const all = Object.values(this.#document.integrationResponses);
    const responses = fromEntries(
      all.filter((each) => each.integrationId === integrationId),
      (each) => [
        each.integrationResponseKey,
        plainFields(integrationResponseFields, each, ['integrationResponseKey']),
      ],
    );
    return {
      ...plainFields(integrationFields, integration),
      ...(Object.keys(responses).length > 0 && { responses }),
    };
  }
}

const ROUTE_KEYS = ['routeKey', 'target', 'authorizerId'];
const USUAL_HEADER = 'integration.request.header.connectionId';
const USUAL_VALUE = 'context.connectionId';
const USUAL_SELECTION = '$request.body.action';
const SHORT_FIELDS = [
  'integrationType',
  'integrationUri',
  'integrationMethod',
  'timeoutInMillis',
  'requestParameters',
];
const SHORT_PARAMETER = /^integration\.request\.(header|querystring)\.(.+)$/s;

/** The short form of an integration, `undefined` where it cannot say everything. */
function shortOf(document: ApiDocument, integration: Integration): Values | undefined {
  const { integrationId, integrationType, integrationUri = '', integrationMethod } = integration;
  const fields = plainFields(integrationFields, integration);
  const isShort = Object.keys(fields).every((name) => SHORT_FIELDS.includes(name));
  const hasResponses = Object.values(document.integrationResponses).some(
    (each) => each.integrationId === integrationId,
  );
  if (integrationType !== 'HTTP_PROXY' || !isShort || hasResponses) return undefined;
  if (!/^https?:\/\/\S+$/.test(integrationUri) || !/^[A-Z]+$/.test(integrationMethod ?? '')) {
    return undefined;
  }
  const headers: Record<string, string> = {};
  const query: Record<string, string> = {};
  for (const [key, value] of Object.entries(integration.requestParameters ?? {})) {
    const [, destination, name] = SHORT_PARAMETER.exec(key) ?? [];
    if (name === undefined) return undefined;
    (destination === 'header' ? headers : query)[name] = value;
  }
  return {
    url: integrationUri,
    ...(integrationMethod !== 'POST' && { method: integrationMethod }),
    ...(fields.timeoutInMillis !== undefined && { timeout: fields.timeoutInMillis }),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(Object.keys(query).length > 0 && { query }),
  };
}

/** Integrations of several routes, and of none. */
function sharedIntegrations(document: ApiDocument): ReadonlyMap<string, string> {
  const targets = Object.values(document.routes).map(({ target }) => target);
  const names = routeKeysByTarget(document);
  const shared = Object.keys(document.integrations).filter(
    (id) => targets.filter((target) => target === `integrations/${id}`).length !== 1,
  );
  return freshNames(
    shared.map((id) => {
      const word = (names.get(`integrations/${id}`) ?? id).replace(/[^A-Za-z0-9]/g, '');
      return [id, word === '' ? 'integration' : word];
    }),
  );
}

/** Names of which no two are the same. */
function freshNames(wanted: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  return new Map(
    wanted.map(([id, name]) => {
      let fresh = name;
      for (let count = 2; taken.has(fresh); count++) fresh = `${name}-${count}`;
      taken.add(fresh);
      return [id, fresh];
    }),
  );
}

function fromEntries<Item>(
  items: readonly Item[],
  entry: (item: Item) => readonly [string, unknown],
): Dictionary<unknown> {
  return Object.fromEntries(items.map(entry));
}
