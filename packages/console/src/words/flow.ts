/** The parts of an API as they stand in a picture: who leads to whom. */
import type { Integration, Route } from '../gateway/types.ts';

export interface Flow {
  readonly routes: readonly Route[];
  readonly integrations: readonly Integration[];
  /** Where the integrations lead: origins, functions, services. */
  readonly backends: readonly string[];
  /** From a route to an integration, by their places. */
  readonly toIntegration: readonly Line[];
  readonly toBackend: readonly Line[];
}

export interface Line {
  readonly from: number;
  readonly to: number;
}

export function flowOf(routes: readonly Route[], all: readonly Integration[]): Flow {
  const used = routes.flatMap((route) => integrationOf(route, all) ?? []);
  const integrations = [...new Set([...used, ...all])];
  const backends = [...new Set(integrations.flatMap((one) => backendOf(one) ?? []))];
  return {
    routes,
    integrations,
    backends,
    toIntegration: routes.flatMap((route, from) => {
      const to = integrations.indexOf(integrationOf(route, all)!);
      return to < 0 ? [] : [{ from, to }];
    }),
    toBackend: integrations.flatMap((one, from) => {
      const to = backends.indexOf(backendOf(one) ?? '');
      return to < 0 ? [] : [{ from, to }];
    }),
  };
}

export function integrationOf({ target }: Route, all: readonly Integration[]) {
  return all.find(({ integrationId }) => target === `integrations/${integrationId}`);
}

/** The path behind the backend, where there is one. */
export function pathOf({ integrationUri = '' }: Integration): string {
  const match = /^https?:\/\/[^/]+(\/.*)?$/.exec(integrationUri);
  return match ? (match[1] ?? '/') : '';
}

/** `undefined` where nobody is called. */
function backendOf({ integrationType, integrationUri = '' }: Integration) {
  if (integrationType === 'MOCK') return undefined;
  const origin = /^https?:\/\/[^/]+/.exec(integrationUri)?.[0];
  if (origin) return origin;
  const named = /:function:([^/:]+)/.exec(integrationUri)?.[1];
  if (named) return `Lambda ${named}`;
  const service = /:apigateway:[^:]*:([^:]+):/.exec(integrationUri)?.[1];
  return service ?? (integrationUri || undefined);
}
