import { limits } from '../wire/limits.ts';
import { mappingProblem } from './expressions.ts';
import type { FieldTable, Rule } from './field.ts';

const integrationTypes = ['AWS', 'HTTP', 'MOCK', 'HTTP_PROXY', 'AWS_PROXY'] as const;
export type IntegrationType = (typeof integrationTypes)[number];

export interface Integration {
  readonly integrationId: string;
  readonly integrationType: IntegrationType;
  readonly integrationMethod?: string;
  readonly integrationUri?: string;
  readonly connectionType: 'INTERNET' | 'VPC_LINK';
  readonly connectionId?: string;
  readonly contentHandlingStrategy?: 'CONVERT_TO_BINARY' | 'CONVERT_TO_TEXT';
  readonly credentialsArn?: string;
  readonly description?: string;
  readonly passthroughBehavior: 'WHEN_NO_MATCH' | 'NEVER' | 'WHEN_NO_TEMPLATES';
  readonly payloadFormatVersion: string;
  /** `integration.request.{header|querystring|path}.{name}` → mapping expression. */
  readonly requestParameters?: Readonly<Record<string, string>>;
  readonly requestTemplates?: Readonly<Record<string, string>>;
  readonly templateSelectionExpression?: string;
  readonly integrationResponseSelectionExpression?: string;
  readonly timeoutInMillis: number;
  readonly integrationSubtype?: unknown;
  readonly responseParameters?: unknown;
  readonly tlsConfig?: unknown;
}

const { integrationTimeoutMillisMin: timeoutMin, integrationTimeoutMillisMax: timeoutMax } = limits;
const invalidType = `Invalid integrationType specified. Must be one of [${integrationTypes.join(', ')}]`;

/** The role to call a backend with. */
export const roleArn = {
  kind: 'text',
  matches: /^arn:[^:\s]+:iam::(?:\d{12}|\*):[^:\s]+$/,
  isClearable: true,
  otherwise: () => 'Invalid ARN specified in the request',
} as const satisfies Rule;

export const integrationFields: FieldTable<Integration> = {
  noun: 'Integration',
  fields: [
    {
      name: 'integrationType',
      kind: 'text',
      oneOf: integrationTypes,
      required: invalidType,
      otherwise: () => invalidType,
    },
    {
      name: 'integrationUri',
      kind: 'text',
      lengthMin: 1,
      lengthMax: 2048,
      otherwise: () => 'Invalid integration URI specified',
    },
    {
      name: 'integrationMethod',
      kind: 'text',
      lengthMin: 1,
      lengthMax: 64,
      matches: /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|ANY)$/,
      otherwise: (method) => `Invalid HTTP method specified: ${method}`,
    },
    {
      name: 'connectionType',
      kind: 'text',
      oneOf: ['INTERNET', 'VPC_LINK'],
      initial: 'INTERNET',
    },
    { name: 'connectionId', kind: 'text', lengthMax: 1024, isClearable: true },
    {
      name: 'contentHandlingStrategy',
      kind: 'text',
      oneOf: ['CONVERT_TO_BINARY', 'CONVERT_TO_TEXT'],
      isClearable: true,
    },
    { name: 'credentialsArn', ...roleArn },
    { name: 'description', kind: 'text', lengthMax: 1024, isClearable: true },
    {
      name: 'passthroughBehavior',
      kind: 'text',
      oneOf: ['WHEN_NO_MATCH', 'NEVER', 'WHEN_NO_TEMPLATES'],
      initial: 'WHEN_NO_MATCH',
    },
    {
      name: 'payloadFormatVersion',
      kind: 'text',
      matches: /^1\.0$/,
      initial: '1.0',
      otherwise: (version) => `Unsupported PayloadFormatVersion: ${version}`,
    },
    {
      name: 'requestParameters',
      kind: 'map',
      of: { kind: 'text', lengthMin: 1, lengthMax: 512, isClearable: true },
      check: mappingProblem,
    },
    { name: 'requestTemplates', kind: 'map', of: { kind: 'text', lengthMax: 32_768 } },
    { name: 'templateSelectionExpression', kind: 'text', isClearable: true },
    {
      name: 'timeoutInMillis',
      kind: 'number',
      isWhole: true,
      min: timeoutMin,
      max: timeoutMax,
      initial: timeoutMax,
      otherwise: () => `Timeout should be between ${timeoutMin} ms and ${timeoutMax} ms`,
    },
    { name: 'integrationSubtype', kind: 'json', httpOnly: 'IntegrationSubtype' },
    { name: 'responseParameters', kind: 'json', httpOnly: 'ResponseParameters' },
    { name: 'tlsConfig', kind: 'json', httpOnly: 'TlsConfig' },
  ],
  given: ['integrationId', 'integrationResponseSelectionExpression'],
};
