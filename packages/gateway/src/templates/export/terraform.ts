/**
 * An API as Terraform's JSON configuration syntax (`main.tf.json`), for the provider `hashicorp/aws`.
 * What the provider has no argument for is told in sentences.
 */
import { apiFields } from '../../resources/api.ts';
import type { ApiDocument } from '../../resources/api-document.ts';
import { authorizerFields } from '../../resources/authorizer.ts';
import type { FieldTable } from '../../resources/field.ts';
import { integrationFields } from '../../resources/integration.ts';
import { integrationResponseFields } from '../../resources/integration-response.ts';
import { modelFields } from '../../resources/model.ts';
import type { Dictionary } from '../../resources/record.ts';
import { routeFields } from '../../resources/route.ts';
import { routeResponseFields } from '../../resources/route-response.ts';
import { stageFields } from '../../resources/stage.ts';
import { routeKeysByTarget } from './api-resources.ts';
import { foreignTags, plainFields } from './plain-fields.ts';

export interface TerraformExport {
  readonly text: string;
  readonly notes: readonly string[];
}

export function exportTerraform(document: ApiDocument): TerraformExport {
  return new TerraformWriter(document).write();
}

type Values = Dictionary<unknown>;

/** Arguments whose name is not the field's in snake case. */
const RENAMED: Readonly<Record<string, string>> = {
  timeoutInMillis: 'timeout_milliseconds',
  identitySource: 'identity_sources',
  stageName: 'name',
};

/** Fields the provider has no argument for. */
const UNKNOWN: Readonly<Record<string, readonly string[]>> = {
  api: ['disableSchemaValidation'],
  authorizer: ['identityValidationExpression'],
  integration_response: ['responseParameters'],
  route_response: ['responseParameters'],
};

class TerraformWriter {
  readonly #document: ApiDocument;
  readonly #resources: Record<string, Record<string, unknown>> = {};
  readonly #notes: string[] = [];
  /** Physical id → address, such as `aws_apigatewayv2_route.connect`. */
  readonly #addresses = new Map<string, string>();

  constructor(document: ApiDocument) {
    this.#document = document;
  }

  write(): TerraformExport {
    const { api, models, authorizers, integrations, integrationResponses } = this.#document;
    this.#add('api', api.name, api.apiId, this.#plain('api', apiFields, api, ['tags']), {
      protocol_type: 'WEBSOCKET',
      ...tagsOf(api.tags),
    });
    for (const model of Object.values(models)) {
      const fields = this.#plain('model', modelFields, model);
      this.#child('model', model.name, model.modelId, {
        content_type: model.contentType,
        ...fields,
      });
    }
    for (const authorizer of Object.values(authorizers)) {
      const fields = this.#plain('authorizer', authorizerFields, authorizer);
      this.#child('authorizer', authorizer.name, authorizer.authorizerId, fields);
    }
    const keys = routeKeysByTarget(this.#document);
    for (const integration of Object.values(integrations)) {
      const { integrationId } = integration;
      const name = keys.get(`integrations/${integrationId}`) ?? integrationId;
      const fields = this.#plain('integration', integrationFields, integration);
      this.#child('integration', name, integrationId, fields);
    }
    for (const response of Object.values(integrationResponses)) {
      const { integrationId, integrationResponseId, integrationResponseKey: key } = response;
      const name = `${keys.get(`integrations/${integrationId}`) ?? integrationId}_${key}`;
      const fields = this.#plain('integration_response', integrationResponseFields, response);
      const more = { integration_id: this.#idOf(integrationId) };
      this.#child('integration_response', name, integrationResponseId, { ...fields, ...more });
    }
    this.#writeRoutes();
    this.#writeStages();
    const configuration = {
      terraform: { required_providers: { aws: { source: 'hashicorp/aws' } } },
      resource: this.#resources,
      output: { api_id: { value: this.#idOf(api.apiId) } },
    };
    return { text: `${JSON.stringify(configuration, null, 2)}\n`, notes: this.#notes };
  }

  #writeRoutes(): void {
    for (const route of Object.values(this.#document.routes)) {
      const { routeId, routeKey, target, authorizerId, requestParameters = {} } = route;
      const without = ['target', 'authorizerId', 'requestParameters'];
      const parameters = Object.entries(requestParameters).map(([key, { required }]) => ({
        request_parameter_key: escaped(key),
        required,
      }));
      const models = Object.values(route.requestModels ?? {});
      const integrationId = target?.slice('integrations/'.length);
      this.#child('route', routeKey, routeId, {
        ...this.#plain('route', routeFields, route, without),
        ...(parameters.length > 0 && { request_parameter: parameters }),
        ...(integrationId && { target: `integrations/${this.#idOf(integrationId)}` }),
        ...(authorizerId !== undefined && { authorizer_id: this.#idOf(authorizerId) }),
        ...(models.length > 0 && { depends_on: this.#addressesOf('model') }),
      });
    }
    for (const response of Object.values(this.#document.routeResponses)) {
      const { routeId, routeResponseId } = response;
      const fields = this.#plain('route_response', routeResponseFields, response);
      const name = this.#document.routes[routeId]?.routeKey ?? routeId;
      const more = { route_id: this.#idOf(routeId) };
      this.#child('route_response', name, routeResponseId, { ...fields, ...more });
    }
  }

  #writeStages(): void {
    const stages = Object.values(this.#document.stages);
    const isPinned = stages.some(({ deploymentId, autoDeploy }) => deploymentId && !autoDeploy);
    const frozen = Object.entries(this.#resources).flatMap(([type, all]) =>
      Object.keys(all).map((name) => `${type}.${name}`),
    );
    if (isPinned) {
      this.#child('deployment', 'deployment', 'deployment', {
        depends_on: frozen,
        triggers: { redeployment: `\${sha1(jsonencode([${frozen.join(', ')}]))}` },
        lifecycle: { create_before_destroy: true },
      });
    }
    for (const stage of stages) {
      const { stageName, deploymentId, autoDeploy, routeSettings, tags } = stage;
      const without = ['deploymentId', 'routeSettings', 'tags'];
      const settings = Object.entries(routeSettings).map(([key, values]) => ({
        route_key: escaped(key),
        ...(snakeKeys(values as Values) as Values),
      }));
      this.#child('stage', stageName, stageName, {
        ...this.#plain('stage', stageFields, stage, without),
        ...(settings.length > 0 && {
          route_settings: settings,
          depends_on: this.#addressesOf('route'),
        }),
        ...(deploymentId && !autoDeploy && { deployment_id: this.#idOf('deployment') }),
        ...tagsOf(tags),
      });
    }
  }

  /** Fields as arguments; maps keep their keys, blocks have arguments of their own. */
  #plain<Resource>(
    type: string,
    table: FieldTable<Resource, string>,
    resource: Resource,
    without: readonly string[] = [],
  ): Values {
    const fields = plainFields(table, resource, without);
    for (const name of UNKNOWN[type] ?? []) {
      if (fields[name] === undefined) continue;
      delete fields[name];
      this.#notes.push(`Terraform has no argument for ${name} of ${type.replace('_', ' ')}`);
    }
    const entries = Object.entries(fields).map(([name, value]) => {
      const rule = table.fields.find((field) => field.name === name)!;
      const isBlock = rule.kind === 'object';
      return [RENAMED[name] ?? snake(name), isBlock ? snakeKeys(value as Values) : escaped(value)];
    });
    return Object.fromEntries(entries) as Values;
  }

  #child(type: string, name: string, physicalId: string, values: Values): void {
    this.#add(type, name, physicalId, { api_id: this.#idOf(this.#document.api.apiId) }, values);
  }

  #add(type: string, name: string, physicalId: string, first: Values, values: Values): void {
    const full = `aws_apigatewayv2_${type}`;
    const ofType = this.#resources[full] ?? {};
    this.#resources[full] = ofType;
    const label = freshLabel(name, ofType);
    ofType[label] = { ...first, ...values };
    this.#addresses.set(physicalId, `${full}.${label}`);
  }

  #addressesOf(type: string): string[] {
    const full = `aws_apigatewayv2_${type}`;
    return Object.keys(this.#resources[full] ?? {}).map((name) => `${full}.${name}`);
  }

  #idOf(physicalId: string): string {
    return `\${${this.#addresses.get(physicalId)}.id}`;
  }
}

function tagsOf(tags: Dictionary<string>): Values {
  const foreign = foreignTags(tags);
  return Object.keys(foreign).length > 0 ? { tags: escaped(foreign) } : {};
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function snakeKeys(values: Values): unknown {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [snake(name), escaped(value)]),
  );
}

/** Texts are templates in Terraform: `${` and `%{` mean themselves only when doubled. */
function escaped(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/[$%](?=\{)/g, '$&$&');
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [String(escaped(key)), escaped(each)]),
  );
}

/** A label starts with a letter or `_`, and no two of a type are the same. */
function freshLabel(name: string, taken: Values): string {
  const word = name.replace(/[^A-Za-z0-9_]+/g, '_').replace(/^_+|_+$/g, '');
  const plain = /^[A-Za-z]/.test(word) ? word : `_${word}`;
  let label = plain;
  for (let count = 2; Object.hasOwn(taken, label); count++) label = `${plain}_${count}`;
  return label;
}
