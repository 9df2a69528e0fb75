/**
 * What an API of `postern.yaml` may say beside its routes, and a route beside its backend: everything the
 * control plane knows, under the wire's own names.
 */
import { z } from 'zod';
import { apiFields } from '../resources/api.ts';
import { authorizerFields } from '../resources/authorizer.ts';
import { integrationFields } from '../resources/integration.ts';
import { integrationResponseFields } from '../resources/integration-response.ts';
import { modelFields } from '../resources/model.ts';
import { routeFields } from '../resources/route.ts';
import { routeResponseFields } from '../resources/route-response.ts';
import { stageFields } from '../resources/stage.ts';
import { fieldsShape } from './fields-schema.ts';
import { strict } from './problem.ts';

const text = (expected: string) => z.string({ error: expected }).min(1, { error: expected });

const named = (schema: z.ZodType, things: string) =>
  z.record(text('a name').max(128), schema, { error: `a mapping of names to ${things}` });

const schemaOrText = z.union([z.record(z.string(), z.unknown()), z.string()], {
  error: 'a JSON schema',
});

const model = strict({
  ...fieldsShape(modelFields, ['name', 'schema']),
  schema: schemaOrText.describe('JSON Schema, draft 4: as a mapping, or as JSON text.'),
});

const authorizer = strict({
  ...fieldsShape(authorizerFields, ['authorizerType']),
  function: text('the name of a Lambda function')
    .optional()
    .describe('Lambda function that decides, in place of authorizerUri.'),
});

const response = strict(fieldsShape(integrationResponseFields, ['integrationResponseKey']));

const integration = strict({
  ...fieldsShape(integrationFields),
  responses: z
    .record(text('$default or /regex/'), response, { error: 'a mapping of keys to responses' })
    .optional()
    .describe('Integration responses by key.'),
});

const stage = strict(fieldsShape(stageFields, ['stageName', 'deploymentId']));

/** Of an API. */
export const apiResourcesShape = {
  ...fieldsShape(apiFields, ['name', 'protocolType', 'routeSelectionExpression']),
  models: named(model, 'models').optional().describe('Models by name.'),
  authorizers: named(authorizer, 'authorizers').optional().describe('Authorizers by name.'),
  integrations: named(integration, 'integrations')
    .optional()
    .describe('Integrations that routes name, each as on the wire.'),
  stages: named(stage, 'stages')
    .optional()
    .describe('Stages by name, in place of stage, stageVariables and settings.'),
};

/** Of a route. */
export const routeResourcesShape = {
  ...fieldsShape(routeFields, ['routeKey', 'target', 'authorizerId']),
  integration: z
    .union([text('a name'), integration, z.null()], { error: 'the name of an integration' })
    .optional()
    .describe('The name of one under integrations, or one as on the wire, or null for none.'),
  authorizer: text('the name of an authorizer')
    .optional()
    .describe('The name of one under authorizers (authorizationType CUSTOM).'),
  response: strict(fieldsShape(routeResponseFields, ['routeResponseKey']))
    .optional()
    .describe('The route response: what twoWay makes, and more.'),
};
