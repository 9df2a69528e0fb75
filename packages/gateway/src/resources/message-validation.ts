/**
 * Request validation of a route (developer guide, "WebSocket API request validation"): the model
 * selection expression picks a key of `requestModels`, whose model the message must fit.
 */
import {
  compileJsonSchema,
  type JsonSchema,
  type SchemaDocument,
} from '../mapping/json-schema/json-schema.ts';
import {
  compileSelectionExpression,
  type SelectionExpression,
  SelectionExpressionError,
  type SelectionScope,
} from '../mapping/selection-expression.ts';
import type { DeploymentSnapshot } from './deployment.ts';
import { type Model, schemaOf } from './model.ts';
import type { Route } from './route.ts';

/** Why the message does not fit, in the words of AWS's validator; `undefined` when it does. */
export type MessageValidation = (scope: SelectionScope) => string | undefined;

/** `undefined` where the route validates nothing, which is where it has no expression. */
export function compileMessageValidation(
  { modelSelectionExpression, requestModels = {} }: Route,
  { api, models }: DeploymentSnapshot,
): MessageValidation | undefined {
  if (!modelSelectionExpression) return undefined;
  const selection = compileModelSelection(modelSelectionExpression);
  const documents = Object.values(models).map((model) => documentOf(model, api.apiId));
  const validators = new Map(
    Object.entries(requestModels).map(([key, name]) => {
      const model = Object.values(models).find((one) => one.name === name);
      return [
        key,
        model ? validatorOf(model, api.apiId, documents) : unusable(name, 'no such model'),
      ];
    }),
  );
  return (scope) => {
    const validator = validators.get(selection.evaluate(scope)) ?? validators.get('$default');
    return validator ? validator(scope) : 'no model is selected';
  };
}

/** The control plane takes any text here, as AWS does: what is no expression selects itself. */
function compileModelSelection(text: string): Pick<SelectionExpression, 'evaluate'> {
  try {
    return compileSelectionExpression(text);
  } catch (error) {
    if (!(error instanceof SelectionExpressionError)) throw error;
    return { evaluate: () => text };
  }
}

function validatorOf(
  model: Model,
  apiId: string,
  documents: readonly SchemaDocument[],
): MessageValidation {
  if (model.schema === '') return () => undefined;
  const document = documentOf(model, apiId);
  const others = documents.filter(({ url }) => url !== document.url);
  let schema: JsonSchema;
  try {
    if (document.schema === undefined) throw new Error('it is no JSON object, or nested too deep');
    schema = compileJsonSchema(document, others);
  } catch (error) {
    return unusable(model.name, (error as Error).message);
  }
  return ({ body }) => (body.isJson ? schema.validate(body.json) : 'the message is not JSON');
}

/** By this URL, which is AWS's, models refer to one another. */
function documentOf(model: Model, apiId: string): SchemaDocument {
  const url = `https://apigateway.amazonaws.com/restapis/${apiId}/models/${model.name}`;
  return { url, schema: schemaOf(model) };
}

function unusable(name: string, why: string): MessageValidation {
  return () => `the model ${name} cannot be used: ${why}`;
}
