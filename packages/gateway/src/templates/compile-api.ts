/**
 * An API of `postern.yaml` as resources of a CloudFormation template. Logical ids follow from names and
 * route keys, so that the same file always means the same resources.
 */
import { createHash } from 'node:crypto';
import { apiFields } from '../resources/api.ts';
import { authorizerFields } from '../resources/authorizer.ts';
import type { FieldTable } from '../resources/field.ts';
import { integrationFields } from '../resources/integration.ts';
import { integrationResponseFields } from '../resources/integration-response.ts';
import { modelFields } from '../resources/model.ts';
import type { Dictionary } from '../resources/record.ts';
import { routeFields } from '../resources/route.ts';
import { routeResponseFields } from '../resources/route-response.ts';
import { stageFields } from '../resources/stage.ts';
import { EXTENSION_TAG_PREFIX } from '../resources/stage-extensions.ts';
import { CUSTOM_ID_TAG } from '../resources/tags.ts';
import { functionArn, type PosternApi, type PosternRoute } from './postern-file.ts';
import type { Path } from './problem.ts';
import { templateProperties } from './stack/template-properties.ts';

type Values = Dictionary<unknown>;

export interface CompiledResource {
  readonly Type: string;
  readonly Properties: Values;
}

export interface CompiledApi {
  readonly resources: Dictionary<CompiledResource>;
  /** Where each resource comes from; paths begin at the API. */
  readonly paths: Dictionary<Path>;
}

/** `prefix`: how every logical id begins; that of the API is nothing else. */
export function compileApi(api: PosternApi, prefix = idPart(api.name)): CompiledApi {
  return new ApiCompiler(api, prefix).compile();
}

class ApiCompiler {
  readonly #api: PosternApi;
  readonly #prefix: string;
  readonly #resources: Record<string, CompiledResource> = {};
  readonly #paths: Record<string, Path> = {};

  constructor(api: PosternApi, prefix: string) {
    this.#api = api;
    this.#prefix = prefix;
  }

  compile(): CompiledApi {
    const { id, name, routeSelectionExpression, more, routes } = this.#api;
    const { tags, ...fields } = more?.fields ?? {};
    this.#add('', 'Api', apiFields, [], {
      name,
      protocolType: 'WEBSOCKET',
      routeSelectionExpression,
      ...fields,
      tags: { [CUSTOM_ID_TAG]: id, ...(tags as Dictionary<string>) },
    });
    this.#addNamed();
    for (const route of routes) this.#addRoute(route);
    this.#add('Deployment', 'Deployment', undefined, [], {});
    this.#addStages();
    return { resources: this.#resources, paths: this.#paths };
  }

  #addNamed(): void {
    const { models = {}, authorizers = {}, integrations = {} } = this.#api.more ?? {};
    for (const [name, model] of Object.entries(models)) {
      const schema = textOfSchema(model.schema);
      this.#child(`Model${idPart(name)}`, 'Model', modelFields, ['models', name], {
        ...model,
        name,
        schema,
      });
    }
    for (const [name, { function: called, ...fields }] of Object.entries(authorizers)) {
      const uri = typeof called === 'string' ? { authorizerUri: invocationUri(called) } : {};
      this.#child(
        `Authorizer${idPart(name)}`,
        'Authorizer',
        authorizerFields,
        ['authorizers', name],
        {
          name,
          authorizerType: 'REQUEST',
          ...fields,
          ...uri,
        },
      );
    }
    for (const [name, integration] of Object.entries(integrations)) {
      this.#addIntegration(`Shared${idPart(name)}`, integration, ['integrations', name]);
    }
  }

  #addIntegration(id: string, { responses = {}, ...fields }: Values, path: Path): void {
    this.#child(`${id}Integration`, 'Integration', integrationFields, path, fields);
    for (const [key, response] of Object.entries(responses as Dictionary<Values>)) {
      const place = [...path, 'responses', key];
      const more = { IntegrationId: this.#ref(`${id}Integration`) };
      const name = `${id}${idPart(key)}IntegrationResponse`;
      const values = { ...response, integrationResponseKey: key };
      this.#child(name, 'IntegrationResponse', integrationResponseFields, place, values, more);
    }
  }

  #addRoute(route: PosternRoute): void {
    const { routeKey, isTwoWay, more } = route;
    const id = idPart(routeKey);
    const path = ['routes', routeKey];
    const { authorizer, response } = more ?? {};
    this.#child(
      `${id}Route`,
      'Route',
      routeFields,
      path,
      {
        routeKey,
        ...(authorizer !== undefined && { authorizationType: 'CUSTOM' }),
        ...(isTwoWay && { routeResponseSelectionExpression: '$default' }),
        ...more?.fields,
      },
      {
        ...this.#target(route, id),
        ...(authorizer !== undefined && {
          AuthorizerId: this.#ref(`Authorizer${idPart(authorizer)}`),
        }),
      },
    );
    if (!isTwoWay && !response) return;
    const values = { routeResponseKey: '$default', ...response };
    this.#child(`${id}RouteResponse`, 'RouteResponse', routeResponseFields, path, values, {
      RouteId: this.#ref(`${id}Route`),
    });
  }

  #target(route: PosternRoute, id: string): Values {
    const named = route.more?.integration;
    if (named === null) return {};
    const integration = typeof named === 'string' ? `Shared${idPart(named)}` : id;
    if (typeof named !== 'string') {
      const path = ['routes', route.routeKey, ...(named ? ['integration'] : [])];
      this.#addIntegration(id, named ?? integrationOf(route), path);
    }
    return {
      Target: { 'Fn::Join': ['/', ['integrations', this.#ref(`${integration}Integration`)]] },
    };
  }

  #addStages(): void {
    const { stage, stageVariables, settings, more } = this.#api;
    const tags = Object.entries(settings).map(([name, value]) => [
      EXTENSION_TAG_PREFIX + name,
      value,
    ]);
    const short = { [stage]: { stageVariables, tags: Object.fromEntries(tags) } };
    for (const [name, fields] of Object.entries<Values>(more?.stages ?? short)) {
      const path = more?.stages ? ['stages', name] : [];
      const deployment =
        fields.autoDeploy === true ? {} : { DeploymentId: this.#ref('Deployment') };
      const values = { stageName: name, ...fields };
      this.#child(`${idPart(name)}Stage`, 'Stage', stageFields, path, values, deployment);
    }
    const isUsed = Object.values(this.#resources).some(
      ({ Properties }) => 'DeploymentId' in Properties,
    );
    if (!isUsed) delete this.#resources[`${this.#prefix}Deployment`];
  }

  #child<Resource>(
    id: string,
    noun: string,
    table: FieldTable<Resource, string>,
    path: Path,
    values: Values,
    more: Values = {},
  ): void {
    this.#add(id, noun, table, path, values, { ApiId: this.#ref(''), ...more });
  }

  #add<Resource>(
    id: string,
    noun: string,
    table: FieldTable<Resource, string> | undefined,
    path: Path,
    values: Values,
    more: Values = noun === 'Api' ? {} : { ApiId: this.#ref('') },
  ): void {
    const logicalId = this.#prefix + id;
    const properties = templateProperties(table?.fields ?? [], values);
    const Properties = { ...more, ...properties };
    this.#resources[logicalId] = { Type: `AWS::ApiGatewayV2::${noun}`, Properties };
    this.#paths[logicalId] = path;
  }

  #ref(id: string): Dictionary<string> {
    return { Ref: this.#prefix + id };
  }
}

/** The integration that the short form of a route stands for. */
function integrationOf({ type, uri, method, timeoutMillis, headers, query }: PosternRoute): Values {
  const named = (destination: string, values: Dictionary<string>) =>
    Object.entries(values).map(([name, source]) => [
      `integration.request.${destination}.${name}`,
      source,
    ]);
  const parameters = [...named('header', headers), ...named('querystring', query)];
  return {
    integrationType: type,
    integrationMethod: method,
    integrationUri: uri,
    timeoutInMillis: timeoutMillis,
    ...(parameters.length > 0 && { requestParameters: Object.fromEntries(parameters) }),
  };
}

function invocationUri(name: string): string {
  const arn = functionArn(name);
  return `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${arn}/invocations`;
}

/** A schema as text stays as it is written, down to its blanks. */
function textOfSchema(schema: unknown): unknown {
  return typeof schema === 'object' ? JSON.stringify(schema) : schema;
}

/**
 * A name as part of a logical id: its letters and digits, and a digest of the name where those alone
 * could stand for another one too.
 */
export function idPart(name: string): string {
  const reserved = /^\$(connect|disconnect|default)$/.exec(name)?.[1];
  const plain = (reserved ?? name).replace(/[^A-Za-z0-9]/g, '');
  const part = plain.slice(0, 1).toUpperCase() + plain.slice(1);
  const isPlain = /^[a-z][A-Za-z0-9]*$/.test(name) && !RESERVED.has(name);
  if (isPlain || reserved !== undefined) return part;
  return `${part}${createHash('sha256').update(name).digest('hex').slice(0, 6)}`;
}

const RESERVED: ReadonlySet<string> = new Set(['connect', 'disconnect', 'default']);
