import type { ApiDocument } from '../resources/api-document.ts';
import { badRequest, conflict, notFound } from '../resources/problems.ts';
import { own, put, without } from '../resources/record.ts';
import { type Stage, stageFields } from '../resources/stage.ts';
import { extensionView } from '../resources/stage-extensions.ts';
import { assertStage, unknownRouteSettings } from '../resources/stage-rules.ts';
import { limits } from '../wire/limits.ts';
import { apiDocuments, changeApi } from './api-store.ts';
import { type ChildKind, childOperations } from './children.ts';
import { findDeployment } from './deployment-document.ts';
import { assertNoMappings } from './domain-store.ts';
import { type Call, dateOf, type Operation } from './operation.ts';
import { holdCertificate } from './v1/client-certificates.ts';
import { leaveUsagePlans } from './v1/usage-plan-store.ts';

const path = '/v2/apis/{apiId}/stages';
const unknownStage = 'Invalid stage identifier specified';

const kind: ChildKind<ApiDocument, Stage> = {
  documents: apiDocuments,
  collection: 'stages',
  table: stageFields,
  path,
  id: 'stageName',
  countMax: limits.stagesPerApiMax,
  unknown: () => unknownStage,
  shown: ({ tags }) => extensionView(tags),
  start: ({ context, body }, document) => {
    const stageName = body.stageName;
    if (typeof stageName === 'string' && own(document.stages, stageName)) {
      throw conflict('Stage already exists');
    }
    return { createdDate: dateOf(context) };
  },
  async settle(draft, { context, document, asked }) {
    const stage = withoutEmptyAccessLog(draft);
    assertStage(stage, asked, document, context.lenient);
    const { deploymentId } = asked;
    if (deploymentId && !(await findDeployment(context, document.api.apiId, deploymentId))) {
      throw badRequest(`Invalid Deployment identifier specified ${deploymentId}`);
    }
    return { ...stage, lastUpdatedDate: dateOf(context) };
  },
  hold: (_, { asked, context }) => holdCertificate(context, asked.clientCertificateId),
  async detach({ stageName }, { api }, context) {
    await assertNoMappings(context, api.apiId, stageName);
    return leaveUsagePlans(context, api.apiId, stageName);
  },
};

/** Terraform takes the block away by sending it empty. */
function withoutEmptyAccessLog(stage: Stage): Stage {
  const { accessLogSettings, ...rest } = stage;
  return accessLogSettings && Object.keys(accessLogSettings).length === 0 ? rest : stage;
}

export const stageOperations: Operation[] = [
  ...childOperations(kind),
  {
    operation: 'DeleteAccessLogSettings',
    method: 'DELETE',
    path: `${path}/{stageName}/accesslogsettings`,
    status: 204,
    handler: deleteAccessLogSettings,
  },
  {
    operation: 'DeleteRouteSettings',
    method: 'DELETE',
    path: `${path}/{stageName}/routesettings/{routeKey}`,
    status: 204,
    handler: deleteRouteSettings,
  },
];

export function findStage(document: ApiDocument, stageName: string): Stage {
  const stage = own(document.stages, stageName);
  if (stage) return stage;
  throw notFound('Stage', unknownStage);
}

/** The document with one stage changed, and that change dated. */
export function putStage(document: ApiDocument, stage: Stage, lastUpdatedDate: string) {
  const dated = { ...stage, lastUpdatedDate };
  return { ...document, stages: put(document.stages, stage.stageName, dated) };
}

function deleteAccessLogSettings(call: Call): Promise<void> {
  return changeStage(call, ({ accessLogSettings: _, ...stage }) => stage);
}

function deleteRouteSettings(call: Call): Promise<void> {
  const routeKey = call.params.routeKey!;
  return changeStage(call, (stage) => {
    if (!own(stage.routeSettings, routeKey)) throw unknownRouteSettings(routeKey);
    return { ...stage, routeSettings: without(stage.routeSettings, routeKey) };
  });
}

async function changeStage({ context, params }: Call, change: (stage: Stage) => Stage) {
  await changeApi(context, params.apiId!, (document) => ({
    document: putStage(document, change(findStage(document, params.stageName!)), dateOf(context)),
    answer: () => undefined,
  }));
}
