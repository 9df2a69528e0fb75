import type { Stored } from '../../../src/engines/engine.ts';
import type { ApiDocument } from '../../../src/resources/api-document.ts';
import { type ApiKey, apiKeyValueKey } from '../../../src/resources/api-key.ts';
import type { DomainDocument } from '../../../src/resources/domain-name.ts';
import type { UsagePlansDocument } from '../../../src/resources/usage-plan.ts';

/** What is wrong with a store as a whole: one sentence each, none for one that is whole. */
export function problemsOf(stored: readonly Stored[]): string[] {
  const documents = new Map(stored.map(({ key, value }) => [key, value]));
  return stored.flatMap(({ key, value }) => {
    const [kind] = key.split('/');
    if (kind === 'api') return problemsOfApi(value as ApiDocument, documents);
    if (kind === 'domain') return problemsOfDomain(value as DomainDocument, documents);
    if (kind === 'usageplans') return problemsOfPlans(value as UsagePlansDocument, documents);
    if (kind === 'apikey') {
      const { id, value: secret } = value as ApiKey;
      const leads = documents.get(apiKeyValueKey(secret)) as { apiKeyId: string } | undefined;
      return missing(leads?.apiKeyId === id, `the value of ${key} does not lead to it`);
    }
    if (kind === 'apikeyvalue') {
      const { apiKeyId } = value as { apiKeyId: string };
      return missing(documents.has(`apikey/${apiKeyId}`), `${key} leads to no key`);
    }
    if (kind === 'deployment') {
      return missing(documents.has(`api/${key.split('/')[1]}`), `${key} is of no API`);
    }
    return missing(kind === 'clientcertificate', `${key} is of no kind`);
  });
}

type Documents = ReadonlyMap<string, unknown>;

function problemsOfApi(document: ApiDocument, documents: Documents): string[] {
  const { api, routes, integrations, authorizers } = document;
  const models = Object.values(document.models).map((model) => model.name);
  const names = (kind: string, list: readonly string[]) =>
    missing(new Set(list).size === list.length, `two ${kind} of ${api.apiId} have one name`);
  return [
    ...names('models', models),
    ...names(
      'routes',
      Object.values(routes).map((route) => route.routeKey),
    ),
    ...Object.values(routes).flatMap((route) => [
      ...missing(
        !route.target || route.target.split('/')[1]! in integrations,
        `route ${route.routeKey} has no integration`,
      ),
      ...missing(
        !route.authorizerId || route.authorizerId in authorizers,
        `route ${route.routeKey} has no authorizer`,
      ),
      ...missing(
        Object.values(route.requestModels ?? {}).every((name) => models.includes(name)),
        `route ${route.routeKey} has no model`,
      ),
    ]),
    ...Object.values(document.routeResponses).flatMap(({ routeId }) =>
      missing(routeId in routes, `a route response is of no route`),
    ),
    ...Object.values(document.integrationResponses).flatMap(({ integrationId }) =>
      missing(integrationId in integrations, `an integration response is of no integration`),
    ),
    ...Object.values(document.stages).flatMap((stage) => [
      ...missing(
        !stage.deploymentId || documents.has(`deployment/${api.apiId}/${stage.deploymentId}`),
        `stage ${stage.stageName} has no deployment`,
      ),
      ...missing(
        !stage.clientCertificateId ||
          documents.has(`clientcertificate/${stage.clientCertificateId}`),
        `stage ${stage.stageName} has no certificate`,
      ),
    ]),
  ];
}

function problemsOfDomain({ domain, apiMappings }: DomainDocument, documents: Documents) {
  const mappings = Object.values(apiMappings);
  const keys = new Set(mappings.map((mapping) => mapping.apiMappingKey));
  return [
    ...missing(keys.size === mappings.length, `two mappings of ${domain.domainName} are one`),
    ...mappings.flatMap(({ apiId, stage }) =>
      missing(hasStage(documents, apiId, stage), `a mapping leads to no stage`),
    ),
  ];
}

function problemsOfPlans({ plans }: UsagePlansDocument, documents: Documents): string[] {
  const uses = Object.values(plans).flatMap(({ apiStages, keyIds }) =>
    apiStages.flatMap(({ apiId, stage }) => keyIds.map((keyId) => `${keyId} ${apiId}:${stage}`)),
  );
  return [
    ...missing(new Set(uses).size === uses.length, 'a key is in two plans of one stage'),
    ...Object.values(plans).flatMap(({ id, apiStages, keyIds }) => [
      ...apiStages.flatMap(({ apiId, stage }) =>
        missing(hasStage(documents, apiId, stage), `plan ${id} has a stage that is not there`),
      ),
      ...keyIds.flatMap((keyId) =>
        missing(documents.has(`apikey/${keyId}`), `plan ${id} has a key that is not there`),
      ),
    ]),
  ];
}

function hasStage(documents: Documents, apiId: string, stage: string): boolean {
  const document = documents.get(`api/${apiId}`) as ApiDocument | undefined;
  return document !== undefined && stage in document.stages;
}

const missing = (isThere: boolean, problem: string) => (isThere ? [] : [problem]);
