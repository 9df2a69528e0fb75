import type { ApiDocument } from './api-document.ts';
import { routeParameterProblem } from './expressions.ts';
import type { FieldTable, Rule } from './field.ts';
import { badRequest, conflict } from './problems.ts';
import { own } from './record.ts';

export interface Route {
  readonly routeId: string;
  readonly routeKey: string;
  readonly apiKeyRequired: boolean;
  readonly authorizationType: 'NONE' | 'AWS_IAM' | 'CUSTOM';
  readonly authorizationScopes?: readonly string[];
  readonly authorizerId?: string;
  readonly modelSelectionExpression?: string;
  readonly operationName?: string;
  readonly requestModels?: Readonly<Record<string, string>>;
  readonly requestParameters?: Readonly<Record<string, { readonly required: boolean }>>;
  readonly routeResponseSelectionExpression?: string;
  /** `integrations/{integrationId}` */
  readonly target?: string;
}

export interface RouteResponse {
  readonly routeResponseId: string;
  readonly routeId: string;
  readonly routeResponseKey: string;
  readonly modelSelectionExpression?: string;
  readonly responseModels?: Readonly<Record<string, string>>;
  readonly responseParameters?: Readonly<Record<string, { readonly required: boolean }>>;
}

/**
 * What the data plane of this version enforces at `$connect`. A setting it would not enforce is
 * refused, in lenient mode too: a lock that is written down but not there is worse than none.
 */
const servedAuthorizationTypes: readonly string[] = ['NONE', 'AWS_IAM', 'CUSTOM'];

/** `{ "required": true }` per parameter, as routes and route responses write it. */
export const parameterConstraints = {
  kind: 'object',
  patch: 'replace',
  members: [{ name: 'required', kind: 'flag', initial: false }],
} as const satisfies Rule;

const modelName = { kind: 'text', lengthMax: 128, isClearable: true } as const;

export const routeFields: FieldTable<Route> = {
  noun: 'Route',
  fields: [
    {
      name: 'routeKey',
      kind: 'text',
      lengthMin: 1,
      lengthMax: 128,
      matches: /^(?!\$)|^\$(?:connect|disconnect|default)$/,
      required: 'Route key is required',
      otherwise: routeKeyProblem,
    },
    { name: 'apiKeyRequired', kind: 'flag', initial: false },
    {
      name: 'authorizationType',
      kind: 'text',
      oneOf: ['NONE', 'AWS_IAM', 'CUSTOM', 'JWT'],
      initial: 'NONE',
    },
    { name: 'authorizationScopes', kind: 'list', of: { kind: 'text', lengthMax: 64 } },
    { name: 'authorizerId', kind: 'text', lengthMax: 64, isClearable: true },
    { name: 'modelSelectionExpression', kind: 'text', isClearable: true },
    { name: 'operationName', kind: 'text', lengthMax: 64, isClearable: true },
    { name: 'requestModels', kind: 'map', of: modelName },
    {
      name: 'requestParameters',
      kind: 'map',
      of: parameterConstraints,
      check: routeParameterProblem,
    },
    {
      name: 'routeResponseSelectionExpression',
      kind: 'text',
      matches: /^\$default$/,
      isClearable: true,
      otherwise: () =>
        'Currently, only $default is supported as a RouteResponseSelectionExpression.',
    },
    {
      name: 'target',
      kind: 'text',
      lengthMax: 128,
      matches: /^integrations\/[^/]+$/,
      isClearable: true,
      otherwise: () =>
        'Unexpected or malformed target in route. ' +
        'Correct format should be integrations/<integration_id>.',
    },
  ],
  given: ['routeId'],
};

function routeKeyProblem(value: string): string {
  if (value === '') return 'Route key is required';
  if (value.length > 128) return 'Invalid routeKey specified. Must be 1 to 128 characters long';
  return `Invalid route key: ${value}. Keys that start with $ are [$connect, $disconnect, $default]`;
}

/** The rules over a whole route and its neighbours, and what follows from them. */
export function settleRoute(draft: Route, document: ApiDocument, lenient: boolean): Route {
  const twin = Object.values(document.routes).find(({ routeKey }) => routeKey === draft.routeKey);
  if (twin && twin.routeId !== draft.routeId) {
    throw conflict(`Route with key ${draft.routeKey} already exists for this API`);
  }
  if (!lenient) assertReferences(draft, document);
  return settleAuthorization(draft, document, lenient);
}

function assertReferences(route: Route, document: ApiDocument): void {
  const integrationId = route.target?.slice('integrations/'.length);
  if (integrationId !== undefined && !own(document.integrations, integrationId)) {
    throw badRequest(`Invalid Integration identifier specified ${integrationId}`);
  }
  const names = new Set(Object.values(document.models).map(({ name }) => name));
  for (const name of Object.values(route.requestModels ?? {})) {
    if (!names.has(name)) throw badRequest(`Invalid Model name specified ${name}`);
  }
}

function assertAuthorization(route: Route, document: ApiDocument): void {
  const { authorizationType: type, routeKey, authorizerId = '' } = route;
  if (type !== 'NONE' && routeKey !== '$connect') {
    throw badRequest('Currently, authorization is restricted to the $connect route only');
  }
  if (route.authorizationScopes?.length) {
    throw badRequest(
      'Authorization Scopes are only valid for COGNITO_USER_POOLS and JWT authorization type',
    );
  }
  if (type === 'CUSTOM' && !own(document.authorizers, authorizerId)) {
    throw badRequest(
      'Invalid authorizer ID specified. ' +
        'Setting the authorization type to CUSTOM requires a valid authorizer.',
    );
  }
}

function settleAuthorization(draft: Route, document: ApiDocument, lenient: boolean): Route {
  const { authorizationType: type } = draft;
  if (!lenient) assertAuthorization(draft, document);
  if (!servedAuthorizationTypes.includes(type)) {
    const served = servedAuthorizationTypes.join(', ');
    throw badRequest(
      `Authorization type ${type} is not supported by this version. Must be one of [${served}]`,
    );
  }
  if (type === 'CUSTOM') return draft;
  const { authorizerId: _, authorizationScopes: __, ...route } = draft;
  return route;
}
