/** An API as the resources of a CloudFormation template, each referring to the others by logical id. */
import { createHash } from 'node:crypto';
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
import { templateProperties } from '../stack/template-properties.ts';
import { foreignTags, plainFields } from './plain-fields.ts';

export interface ExportedResource {
  readonly Type: string;
  readonly DependsOn?: readonly string[];
  readonly Properties: Dictionary<unknown>;
}

export function apiResources(document: ApiDocument): Dictionary<ExportedResource> {
  return new ResourceWriter(document).write();
}

const ROUTE_REFERENCES = ['target', 'authorizerId'];

class ResourceWriter {
  readonly #document: ApiDocument;
  readonly #resources: Record<string, ExportedResource> = {};
  /** Physical id → logical id. */
  readonly #ids = new Map<string, string>();

  constructor(document: ApiDocument) {
    this.#document = document;
  }

  write(): Dictionary<ExportedResource> {
    const { api, models, authorizers, integrations } = this.#document;
    const { tags } = api;
    const own = { ...plainFields(apiFields, api, ['tags']), protocolType: 'WEBSOCKET' };
    const foreign = foreignTags(tags);
    const more = Object.keys(foreign).length > 0 ? { Tags: foreign } : {};
    this.#resources.Api = {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: { ...templateProperties(apiFields.fields, own), ...more },
    };
    for (const model of Object.values(models)) {
      this.#add('Model', model.name, model.modelId, modelFields, model);
    }
    for (const authorizer of Object.values(authorizers)) {
      const { name, authorizerId } = authorizer;
      this.#add('Authorizer', name, authorizerId, authorizerFields, authorizer);
    }
    const keys = routeKeysByTarget(this.#document);
    for (const integration of Object.values(integrations)) {
      const { integrationId } = integration;
      const name = keys.get(`integrations/${integrationId}`) ?? integrationId;
      this.#add('Integration', name, integrationId, integrationFields, integration);
    }
    this.#writeResponses();
    this.#writeRoutes();
    this.#writeStages();
    return this.#resources;
  }

  #writeResponses(): void {
    for (const response of Object.values(this.#document.integrationResponses)) {
      const { integrationId, integrationResponseId: id, integrationResponseKey: key } = response;
      const name = `${this.#ids.get(integrationId)}${key}`;
      const more = { IntegrationId: this.#ref(integrationId) };
      this.#add('IntegrationResponse', name, id, integrationResponseFields, response, more);
    }
  }

  #writeRoutes(): void {
    const { routes, routeResponses } = this.#document;
    for (const route of Object.values(routes)) {
      const { routeId, routeKey, target, authorizerId } = route;
      const integrationId = target?.slice('integrations/'.length);
      this.#add('Route', routeKey, routeId, routeFields, route, {
        ...(integrationId !== undefined && {
          Target: { 'Fn::Join': ['/', ['integrations', this.#ref(integrationId)]] },
        }),
        ...(authorizerId !== undefined && { AuthorizerId: this.#ref(authorizerId) }),
      });
      this.#dependOnModels(routeId, Object.values(route.requestModels ?? {}));
    }
    for (const response of Object.values(routeResponses)) {
      const { routeId, routeResponseId } = response;
      const name = routes[routeId]?.routeKey ?? routeId;
      const more = { RouteId: this.#ref(routeId) };
      this.#add('RouteResponse', name, routeResponseId, routeResponseFields, response, more);
    }
  }

  #writeStages(): void {
    const stages = Object.values(this.#document.stages);
    const isDeployed = stages.some(({ deploymentId, autoDeploy }) => deploymentId && !autoDeploy);
    const frozen = Object.keys(this.#resources).filter((id) => id !== 'Api');
    if (isDeployed) {
      this.#resources.Deployment = {
        Type: 'AWS::ApiGatewayV2::Deployment',
        DependsOn: frozen,
        Properties: { ApiId: { Ref: 'Api' } },
      };
    }
    const routes = frozen.filter((id) => this.#resources[id]!.Type.endsWith('::Route'));
    for (const stage of stages) {
      const { stageName, deploymentId, autoDeploy, tags } = stage;
      const isPinned = deploymentId !== undefined && !autoDeploy;
      this.#add('Stage', stageName, stageName, stageFields, stage, {
        ...(isPinned && { DeploymentId: { Ref: 'Deployment' } }),
        ...(Object.keys(foreignTags(tags)).length > 0 && { Tags: foreignTags(tags) }),
      });
      if (Object.keys(stage.routeSettings).length > 0) this.#dependOn(stageName, routes);
    }
  }

  #add<Resource>(
    noun: string,
    name: string,
    physicalId: string,
    table: FieldTable<Resource, string>,
    resource: Resource,
    more: Dictionary<unknown> = {},
  ): void {
    const logicalId = this.#freshId(noun, name);
    this.#ids.set(physicalId, logicalId);
    const fields = plainFields(table, resource, [...ROUTE_REFERENCES, 'deploymentId', 'tags']);
    this.#resources[logicalId] = {
      Type: `AWS::ApiGatewayV2::${noun}`,
      Properties: { ApiId: { Ref: 'Api' }, ...templateProperties(table.fields, fields), ...more },
    };
  }

  #dependOnModels(routeId: string, names: readonly string[]): void {
    const models = Object.values(this.#document.models).filter(({ name }) => names.includes(name));
    this.#dependOn(
      routeId,
      models.map(({ modelId }) => this.#ids.get(modelId)!),
    );
  }

  #dependOn(physicalId: string, logicalIds: readonly string[]): void {
    const logicalId = this.#ids.get(physicalId)!;
    if (logicalIds.length === 0) return;
    const resource = this.#resources[logicalId]!;
    this.#resources[logicalId] = { ...resource, DependsOn: logicalIds };
  }

  #ref(physicalId: string): Dictionary<string> {
    return { Ref: this.#ids.get(physicalId) ?? physicalId };
  }

  /** The letters and digits of a name, and a digest where two names have the same. */
  #freshId(noun: string, name: string): string {
    const word = name.replace(/[^A-Za-z0-9]/g, '');
    const plain = `${word.slice(0, 1).toUpperCase()}${word.slice(1, 80)}${noun}`;
    if (word !== '' && !Object.hasOwn(this.#resources, plain)) return plain;
    const digest = createHash('sha256').update(name).digest('hex').slice(0, 6);
    return `${plain}${digest}`;
  }
}

/** An integration is named after the first route that has it, or counted where none has. */
export function routeKeysByTarget({
  routes,
  integrations,
}: ApiDocument): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const { routeKey, target } of Object.values(routes)) {
    if (target !== undefined && !keys.has(target)) keys.set(target, routeKey);
  }
  const idle = Object.keys(integrations).filter((id) => !keys.has(`integrations/${id}`));
  for (const [index, id] of idle.entries()) keys.set(`integrations/${id}`, `idle${index + 1}`);
  return keys;
}
