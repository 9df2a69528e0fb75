import { isSelectionExpression } from './expressions.ts';
import type { FieldTable } from './field.ts';
import { badRequest } from './problems.ts';
import { tagsRule } from './tags.ts';

/** A WebSocket API as stored and as the control plane shows it. Field names are the wire's. */
export interface Api {
  readonly apiId: string;
  readonly name: string;
  /** HTTP APIs are kept in lenient mode only, as records: no stage of one is ever served. */
  readonly protocolType: 'WEBSOCKET' | 'HTTP';
  readonly routeSelectionExpression: string;
  readonly apiKeySelectionExpression: string;
  readonly createdDate: string;
  readonly disableExecuteApiEndpoint: boolean;
  readonly disableSchemaValidation?: boolean;
  readonly ipAddressType: 'ipv4' | 'dualstack';
  readonly description?: string;
  readonly version?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly corsConfiguration?: unknown;
}

const protocolTypes = ['HTTP', 'WEBSOCKET'] as const;

const invalidProtocol = `Invalid protocol specified. Must be one of [${protocolTypes.join(', ')}]`;
const invalidName = 'Invalid API name specified';

export const apiFields: FieldTable<Api, 'credentialsArn' | 'routeKey' | 'target'> = {
  noun: 'Api',
  fields: [
    {
      name: 'name',
      kind: 'text',
      lengthMin: 1,
      lengthMax: 128,
      required: invalidName,
      otherwise: () => invalidName,
    },
    {
      name: 'protocolType',
      kind: 'text',
      oneOf: protocolTypes,
      only: 'create',
      required: invalidProtocol,
      otherwise: () => invalidProtocol,
    },
    { name: 'routeSelectionExpression', kind: 'text' },
    {
      name: 'apiKeySelectionExpression',
      kind: 'text',
      oneOf: ['$request.header.x-api-key', '$context.authorizer.usageIdentifierKey'],
      initial: '$request.header.x-api-key',
    },
    { name: 'corsConfiguration', kind: 'json', httpOnly: 'Cors' },
    { name: 'credentialsArn', kind: 'json', httpOnly: 'Quick create', isWriteOnly: true },
    { name: 'routeKey', kind: 'json', httpOnly: 'Quick create', isWriteOnly: true },
    { name: 'target', kind: 'json', httpOnly: 'Quick create', isWriteOnly: true },
    { name: 'description', kind: 'text', lengthMax: 1024, isClearable: true },
    { name: 'version', kind: 'text', lengthMin: 1, lengthMax: 64, isClearable: true },
    { name: 'disableExecuteApiEndpoint', kind: 'flag', initial: false },
    { name: 'disableSchemaValidation', kind: 'flag' },
    { name: 'ipAddressType', kind: 'text', oneOf: ['ipv4', 'dualstack'], initial: 'ipv4' },
    { name: 'tags', ...tagsRule, only: 'create', initial: {} },
  ],
  given: ['apiId', 'createdDate'],
};

/**
 * The rules over a whole API, and what follows from them. An expression that cannot be parsed is
 * refused in lenient mode as well: no stage of the API could run.
 */
export function settleApi(api: Api, lenient: boolean): Api {
  if (api.protocolType === 'HTTP') return settleHttpApi(api, lenient);
  const { routeSelectionExpression: expression = lenient ? '$request.body.action' : '' } = api;
  const isPlain = !expression.includes('$');
  if (!isSelectionExpression(expression) || (isPlain && !lenient) || expression === '') {
    throw badRequest('Invalid routeSelectionExpression');
  }
  return { ...api, routeSelectionExpression: expression };
}

function settleHttpApi(api: Api, lenient: boolean): Api {
  if (!lenient) {
    throw badRequest('HTTP APIs are not supported by this version. protocolType must be WEBSOCKET');
  }
  const { routeSelectionExpression: expression = `\${request.method} \${request.path}` } = api;
  return { ...api, routeSelectionExpression: expression };
}
