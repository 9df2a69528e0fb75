import type { ApiDocument } from '../resources/api-document.ts';
import {
  assertModelUnused,
  followModelName,
  type Model,
  modelFields,
  settleModel,
} from '../resources/model.ts';
import { modelTemplate } from '../resources/model-template.ts';
import { own } from '../resources/record.ts';
import { limits } from '../wire/limits.ts';
import { apiDocuments, readApi } from './api-store.ts';
import { type ChildKind, childOperations, findChild } from './children.ts';
import { freshId } from './fresh-id.ts';
import type { Call, Operation } from './operation.ts';

const path = '/v2/apis/{apiId}/models';

const kind: ChildKind<ApiDocument, Model> = {
  documents: apiDocuments,
  collection: 'models',
  table: modelFields,
  path,
  id: 'modelId',
  countMax: limits.modelsPerApiMax,
  start: async ({ context }, document) => ({
    modelId: await freshId(context, 6, (id) => Boolean(own(document.models, id))),
  }),
  settle: (model, { document, context }) => settleModel(model, document, context.lenient),
  follow: followModelName,
  release: (model, document) => {
    assertModelUnused(model, document);
    return document;
  },
};

export const modelOperations: Operation[] = [
  ...childOperations(kind),
  {
    operation: 'GetModelTemplate',
    method: 'GET',
    path: `${path}/{modelId}/template`,
    status: 200,
    handler: getModelTemplate,
  },
];

async function getModelTemplate(call: Call) {
  const document = await readApi(call.context, call.params.apiId!);
  return { value: modelTemplate(findChild(kind, call, document)) };
}
