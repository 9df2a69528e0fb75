import type { ApiDocument } from './api-document.ts';
import { responseParameterProblem } from './expressions.ts';
import type { FieldTable } from './field.ts';
import { conflict } from './problems.ts';
import { parameterConstraints, type RouteResponse } from './route.ts';

const onlyDefault = 'Currently, only $default is supported as a RouteResponseKey.';

export const routeResponseFields: FieldTable<RouteResponse> = {
  noun: 'RouteResponse',
  fields: [
    {
      name: 'routeResponseKey',
      kind: 'text',
      lengthMin: 1,
      lengthMax: 128,
      matches: /^\$default$/,
      required: onlyDefault,
      otherwise: () => onlyDefault,
    },
    { name: 'modelSelectionExpression', kind: 'text', isClearable: true },
    {
      name: 'responseModels',
      kind: 'map',
      of: { kind: 'text', lengthMax: 128, isClearable: true },
    },
    {
      name: 'responseParameters',
      kind: 'map',
      of: parameterConstraints,
      check: responseParameterProblem,
    },
  ],
  given: ['routeResponseId'],
};

/** One response per key and route. */
export function settleRouteResponse(draft: RouteResponse, document: ApiDocument): RouteResponse {
  const { routeResponseId, routeId, routeResponseKey } = draft;
  const twin = Object.values(document.routeResponses).find(
    (response) => response.routeId === routeId && response.routeResponseKey === routeResponseKey,
  );
  if (twin && twin.routeResponseId !== routeResponseId) {
    throw conflict(`Route Response with key ${routeResponseKey} already exists for this Route`);
  }
  return draft;
}
