/** What holds for a stage as a whole, and between a stage and its API. */
import type { ApiDocument } from './api-document.ts';
import { badRequest, notFound } from './problems.ts';
import { type Stage, stageNameProblem } from './stage.ts';
import { assertExtensionTags } from './stage-extensions.ts';

/**
 * Throws for what the API or another field forbids. `asked` is what the request itself says, since
 * some rules speak of the request: a deployment may not be *set* while the stage deploys itself.
 */
export function assertStage(
  stage: Stage,
  asked: Partial<Stage>,
  document: ApiDocument,
  lenient: boolean,
): void {
  const nameProblem = stageNameProblem(stage.stageName, document.api.protocolType);
  if (nameProblem !== undefined) throw badRequest(nameProblem);
  // No AWS tool writes these by itself, so they are checked in lenient mode too.
  assertExtensionTags(asked.tags ?? {});
  if (lenient) return;
  if (stage.autoDeploy && asked.deploymentId) {
    throw badRequest('Deployment ID cannot be set on this stage because AutoDeploy is enabled.');
  }
  const routeKeys = new Set(Object.values(document.routes).map((route) => route.routeKey));
  for (const key of Object.keys(asked.routeSettings ?? {})) {
    if (!routeKeys.has(key)) throw unknownRouteSettings(key);
  }
  if (stage.accessLogSettings) assertAccessLog(stage.accessLogSettings);
}

export function unknownRouteSettings(routeKey: string) {
  return notFound(
    'RouteSettings',
    `Unable to find Route by key ${routeKey} within the provided RouteSettings`,
  );
}

const LOG_GROUP = /^arn:[a-z-]+:logs:[a-z0-9-]*:\d*:log-group:(.*?)(?::\*)?$/;
const DELIVERY_STREAM = /^arn:[a-z-]+:firehose:[a-z0-9-]*:\d*:deliverystream\/(.*)$/;
/** Places of our own: a file below the gateway's folder of logs, and whoever collects lines by HTTP. */
const FILE = /^file:(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))(.*)$/;
const URL = /^https?:\/\/[^\s/?#]+[^\s#]*$/;

function assertAccessLog(settings: NonNullable<Stage['accessLogSettings']>): void {
  const { destinationArn = '', format = '' } = settings;
  const [, name = destinationArn] =
    LOG_GROUP.exec(destinationArn) ??
    DELIVERY_STREAM.exec(destinationArn) ??
    FILE.exec(destinationArn) ??
    [];
  if (!URL.test(destinationArn) && !/^[A-Za-z0-9_\-/.]+$/.test(name)) {
    throw badRequest(
      'Access log destination must only contain characters ' +
        `a-z, A-Z, 0-9, '_', '-', '/', '.': '${name}'`,
    );
  }
  if (!format.includes('$context.requestId') && !format.includes('$context.extendedRequestId')) {
    throw badRequest(
      'Access Log format must include either $context.requestId or $context.extendedRequestId',
    );
  }
}
