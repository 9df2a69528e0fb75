import type { ApiDocument } from './api-document.ts';
import type { FieldTable } from './field.ts';
import { badRequest, conflict } from './problems.ts';
import { isDeeperThan, isObject } from './read-fields.ts';
import type { Dictionary } from './record.ts';

/** A JSON Schema (draft 4) under a name, which routes refer to in `requestModels`. */
export interface Model {
  readonly modelId: string;
  /** Unique within the API. */
  readonly name: string;
  readonly contentType: string;
  readonly description?: string;
  /** As sent, down to the white space. Empty: whatever comes is valid. */
  readonly schema: string;
}

/** How deep a schema may be nested: it is walked for every message, and to write its template. */
export const schemaDepthMax = 64;

const nameProblem = (name: string) => `Model name must be alphanumeric: ${name}`;
const invalidSchema =
  'Invalid model specified: Validation Result: warnings : [], ' +
  'errors : [Invalid model schema specified]';

export const modelFields: FieldTable<Model> = {
  noun: 'Model',
  fields: [
    {
      name: 'name',
      kind: 'text',
      lengthMin: 1,
      lengthMax: 128,
      matches: /^[A-Za-z0-9]+$/,
      required: 'Model name is required',
      otherwise: nameProblem,
    },
    {
      name: 'contentType',
      kind: 'text',
      lengthMin: 1,
      lengthMax: 256,
      initial: 'application/json',
    },
    { name: 'description', kind: 'text', lengthMax: 1024, isClearable: true },
    {
      name: 'schema',
      kind: 'text',
      lengthMax: 32_768,
      required: 'Model schema is required',
    },
  ],
  given: ['modelId'],
};

/** The rules over a whole model and its neighbours. */
export function settleModel(draft: Model, document: ApiDocument, lenient: boolean): Model {
  const { modelId, name, schema } = draft;
  if (!lenient && schema !== '' && schemaOf(draft) === undefined) throw badRequest(invalidSchema);
  const twin = Object.values(document.models).find((model) => model.name === name);
  if (twin && twin.modelId !== modelId) {
    throw conflict(`Model with name ${name} already exists for this API`);
  }
  return draft;
}

/** The schema as an object; `undefined` when the text is none that messages can be held against. */
export function schemaOf({ schema }: Pick<Model, 'schema'>): Dictionary<unknown> | undefined {
  try {
    const value: unknown = JSON.parse(schema);
    return isObject(value) && !isDeeperThan(value, schemaDepthMax) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Throws while routes name the model. */
export function assertModelUnused({ name }: Model, document: ApiDocument): void {
  const routeIds = Object.values(document.routes)
    .filter(({ requestModels = {} }) => Object.values(requestModels).includes(name))
    .map(({ routeId }) => routeId);
  if (routeIds.length === 0) return;
  throw conflict(
    'Cannot delete Model because it is referenced by the following Routes with Ids: ' +
      `[${routeIds.join(', ')}]`,
  );
}

/** Routes refer to a model by name: when it is renamed they follow, so that none is left behind. */
export function followModelName(model: Model, before: Model, document: ApiDocument): ApiDocument {
  if (model.name === before.name) return document;
  const renamed = (name: string) => (name === before.name ? model.name : name);
  const routes = Object.entries(document.routes).map(([routeId, route]) => {
    const { requestModels } = route;
    if (!requestModels || !Object.values(requestModels).includes(before.name)) {
      return [routeId, route] as const;
    }
    const entries = Object.entries(requestModels).map(([key, name]) => [key, renamed(name)]);
    return [routeId, { ...route, requestModels: Object.fromEntries(entries) }] as const;
  });
  return { ...document, routes: Object.fromEntries(routes) };
}
