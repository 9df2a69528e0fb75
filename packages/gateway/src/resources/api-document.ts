import type { Api } from './api.ts';
import type { Authorizer } from './authorizer.ts';
import type { Integration } from './integration.ts';
import type { IntegrationResponse } from './integration-response.ts';
import type { Model } from './model.ts';
import type { Route, RouteResponse } from './route.ts';
import type { Stage } from './stage.ts';

/**
 * An API with all its children, stored as one document under `api/{apiId}`.
 * One document is the unit of consistency: whatever spans two children (a duplicate route key, an
 * integration still referenced) is checked and written under one version, with any engine.
 */
export interface ApiDocument {
  readonly api: Api;
  /** By id, in creation order. */
  readonly routes: Readonly<Record<string, Route>>;
  readonly routeResponses: Readonly<Record<string, RouteResponse>>;
  readonly integrations: Readonly<Record<string, Integration>>;
  readonly integrationResponses: Readonly<Record<string, IntegrationResponse>>;
  readonly authorizers: Readonly<Record<string, Authorizer>>;
  readonly models: Readonly<Record<string, Model>>;
  /** By stage name. */
  readonly stages: Readonly<Record<string, Stage>>;
}

export function emptyDocument(api: Api): ApiDocument {
  return {
    api,
    routes: {},
    routeResponses: {},
    integrations: {},
    integrationResponses: {},
    authorizers: {},
    models: {},
    stages: {},
  };
}

export const apiDocumentKey = (apiId: string) => `api/${apiId}`;
export const API_PREFIX = 'api/';
export const deploymentKey = (apiId: string, deploymentId: string) =>
  `deployment/${apiId}/${deploymentId}`;
export const deploymentPrefix = (apiId: string) => `deployment/${apiId}/`;
