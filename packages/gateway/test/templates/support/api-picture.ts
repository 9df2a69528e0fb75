import type { ApiDocument } from '../../../src/resources/api-document.ts';

/** An API with every id replaced by what it names, and without what belongs to one gateway. */
export function apiPicture({ api, ...document }: ApiDocument): unknown {
  const strip = (value: object, ...names: string[]) =>
    Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
  const foreign = (tags: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(
      Object.entries(tags).filter(([key]) => key !== '_custom_id_' && key !== 'postern:source'),
    );
  const integrations = Object.values(document.integrations).map(({ integrationId, ...rest }) => ({
    ...rest,
    responses: Object.values(document.integrationResponses)
      .filter((each) => each.integrationId === integrationId)
      .map((each) => strip(each, 'integrationResponseId', 'integrationId'))
      .sort(byText),
    routes: Object.values(document.routes)
      .filter(({ target }) => target === `integrations/${integrationId}`)
      .map(({ routeKey }) => routeKey)
      .sort(),
  }));
  return {
    api: {
      ...strip(api, 'apiId', 'apiEndpoint', 'createdDate', 'tags'),
      tags: foreign(api.tags),
    },
    integrations: integrations.sort(byText),
    routes: Object.values(document.routes)
      .map(({ routeId, target: _, authorizerId, ...rest }) => ({
        ...strip(rest),
        authorizer: document.authorizers[authorizerId ?? '']?.authorizerUri,
        responses: Object.values(document.routeResponses)
          .filter((each) => each.routeId === routeId)
          .map((each) => strip(each, 'routeResponseId', 'routeId')),
      }))
      .sort(byText),
    models: Object.values(document.models)
      .map((each) => strip(each, 'modelId'))
      .sort(byText),
    authorizers: Object.values(document.authorizers)
      .map((each) => strip(each, 'authorizerId'))
      .sort(byText),
    stages: Object.values(document.stages)
      .map(({ deploymentId, tags, ...rest }) => ({
        ...strip(
          rest,
          'createdDate',
          'lastUpdatedDate',
          'lastDeploymentStatusMessage',
          'x-postern',
        ),
        tags: foreign(tags),
        isDeployed: deploymentId !== undefined,
      }))
      .sort(byText),
  };
}

const byText = (one: unknown, another: unknown) =>
  JSON.stringify(one) < JSON.stringify(another) ? -1 : 1;
