/**
 * Request validation of a route (developer guide, "WebSocket API request validation"): the model
 * selection expression picks a key of `requestModels`, whose model the message must fit.
 */
import { Validator } from '@cfworker/json-schema';
import {
  compileSelectionExpression,
  type SelectionExpression,
  SelectionExpressionError,
  type SelectionScope,
} from '../mapping/selection-expression.ts';
import type { DeploymentSnapshot } from './deployment.ts';
import { schemaOf } from './model.ts';
import { own } from './record.ts';
import type { Route } from './route.ts';

/** Why the message does not fit, in words; `undefined` when it does. */
export type MessageValidation = (scope: SelectionScope) => string | undefined;

/** `undefined` where the route validates nothing, which is where it has no expression. */
export function compileMessageValidation(
  { modelSelectionExpression, requestModels = {} }: Route,
  { models }: DeploymentSnapshot,
): MessageValidation | undefined {
  if (!modelSelectionExpression) return undefined;
  const selection = compileModelSelection(modelSelectionExpression);
  const validators = new Map(
    Object.entries(requestModels).map(([key, name]) => [key, validatorOf(name, models)]),
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

function validatorOf(name: string, models: DeploymentSnapshot['models']): MessageValidation {
  const id = Object.keys(models).find((modelId) => own(models, modelId)?.name === name);
  const model = id === undefined ? undefined : own(models, id);
  if (!model) return () => `the model ${name} does not exist`;
  if (model.schema === '') return () => undefined;
  const schema = schemaOf(model);
  if (!schema) return () => `the schema of the model ${name} cannot be used`;
  const validator = new Validator(schema, '4');
  return ({ body }) => {
    if (!body.isJson) return 'the message is not JSON';
    try {
      const { valid, errors } = validator.validate(body.json);
      return valid ? undefined : errors.map(({ error }) => error).join(' ');
    } catch (error) {
      // A schema that refers to itself follows a message as deep as it goes.
      return `the message could not be validated: ${(error as Error).message}`;
    }
  };
}
