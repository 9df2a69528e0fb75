/**
 * `/{stage}/@asyncapi.json`: what a stage serves, described for whoever connects to it. It tells routes,
 * models and how to prove who one is, and nothing about backends.
 */
import type { ResourceStore } from '../../engines/engine.ts';
import { type ApiDocument, apiDocumentKey, deploymentKey } from '../../resources/api-document.ts';
import type { DeploymentDocument } from '../../resources/deployment.ts';
import { own } from '../../resources/record.ts';
import type { HttpReply } from '../../wire/http-reply.ts';
import { asyncApiDocument } from './asyncapi-document.ts';
import { inOrder } from './read-api.ts';

const SUFFIX = '/@asyncapi.json';

/** The path of the stage, when this path asks for its description. */
export function describedPath(path: string): string | undefined {
  return path.endsWith(SUFFIX) && path !== SUFFIX ? path.slice(0, -SUFFIX.length) : undefined;
}

export interface DescribedStage {
  readonly apiId: string;
  readonly stageName: string;
  /** Where the client found it: `ws://host:port`, and the raw path of the stage. */
  readonly origin: string;
  readonly path: string;
}

/** `undefined` when the stage has gone in the meantime. */
export async function answerAsyncApi(
  store: ResourceStore,
  { apiId, stageName, origin, path }: DescribedStage,
): Promise<HttpReply | undefined> {
  const api = (await store.get(apiDocumentKey(apiId)))?.value as ApiDocument | undefined;
  const stage = own(api?.stages ?? {}, stageName);
  if (!stage?.deploymentId) return undefined;
  const stored = await store.get(deploymentKey(apiId, stage.deploymentId));
  if (!stored) return undefined;
  const { snapshot } = stored.value as DeploymentDocument;
  const document = inOrder({ ...snapshot, stages: { [stageName]: stage } });
  const options = { endpoint: origin, stagePath: path, hasBackends: false };
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(asyncApiDocument(document, options)),
  };
}
