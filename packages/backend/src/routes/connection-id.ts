import { limits } from '../limits.ts';
import { type Call, Refusal } from './call.ts';
import { json } from './request.ts';

/** The mapped connection id. Throws the guide's 400, with the command that maps it, where absent. */
export function connectionIdOf(call: Call, header: string): string {
  const value = call.details.headers[header.toLowerCase()];
  if (value === undefined || value === '') {
    throw new Refusal(
      json(400, { message: `${header} header missing`, hint: mappingHint(header) }),
    );
  }
  if (value.length > limits.connectionIdCharactersMax || !/^[A-Za-z0-9+/_=-]+$/.test(value)) {
    throw new Refusal(json(400, { message: `${header} header malformed` }));
  }
  return value;
}

function mappingHint(header: string): string {
  const parameters = `{"integration.request.header.${header}": "context.connectionId"}`;
  return (
    'map it on every integration: aws apigatewayv2 update-integration --api-id <API_ID>' +
    ` --integration-id <INTEGRATION_ID> --request-parameters '${parameters}'; then deploy:` +
    ' aws apigatewayv2 create-deployment --api-id <API_ID> --stage-name <STAGE>'
  );
}
