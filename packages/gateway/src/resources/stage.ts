import { limits } from '../wire/limits.ts';
import type { FieldTable, ObjectRule } from './field.ts';
import { tagsRule } from './tags.ts';

export interface Stage {
  readonly stageName: string;
  readonly createdDate: string;
  readonly lastUpdatedDate: string;
  readonly deploymentId?: string;
  readonly description?: string;
  readonly autoDeploy?: boolean;
  readonly clientCertificateId?: string;
  readonly accessLogSettings?: { readonly destinationArn?: string; readonly format?: string };
  readonly defaultRouteSettings: RouteSettings;
  readonly routeSettings: Readonly<Record<string, RouteSettings>>;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly lastDeploymentStatusMessage?: string;
}

export interface RouteSettings {
  readonly dataTraceEnabled?: boolean;
  readonly detailedMetricsEnabled?: boolean;
  readonly loggingLevel?: 'OFF' | 'ERROR' | 'INFO';
  readonly throttlingBurstLimit?: number;
  readonly throttlingRateLimit?: number;
}

const routeSettings: ObjectRule = {
  kind: 'object',
  patch: 'merge',
  members: [
    { name: 'dataTraceEnabled', kind: 'flag' },
    { name: 'detailedMetricsEnabled', kind: 'flag' },
    { name: 'loggingLevel', kind: 'text', oneOf: ['OFF', 'ERROR', 'INFO'] },
    { name: 'throttlingBurstLimit', kind: 'number', isWhole: true, min: 0 },
    { name: 'throttlingRateLimit', kind: 'number', min: 0 },
  ],
};

const accessLogSettings: ObjectRule = {
  kind: 'object',
  patch: 'replace',
  members: [
    { name: 'destinationArn', kind: 'text' },
    { name: 'format', kind: 'text', lengthMax: 1024 },
  ],
};

const variableName = (name: string) =>
  `Invalid stage variable name: ${name}. Please use names with only word characters.`;
const variableValue = (_: string, name: string) =>
  `Invalid stage variable value of key ${name}.  Please use values with alphanumeric characters ` +
  "and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','.";
const invalidName = 'Stage name only allows a-zA-Z0-9_';

export const stageFields: FieldTable<Stage> = {
  noun: 'Stage',
  fields: [
    {
      name: 'stageName',
      kind: 'text',
      lengthMin: 1,
      lengthMax: 128,
      only: 'create',
      required: 'Stage name is required',
      otherwise: (name) => (name === '' ? 'Stage name is required' : invalidName),
    },
    { name: 'autoDeploy', kind: 'flag' },
    { name: 'deploymentId', kind: 'text', lengthMax: 64, isClearable: true },
    { name: 'description', kind: 'text', lengthMax: 1024, isClearable: true },
    { name: 'clientCertificateId', kind: 'text', lengthMax: 64, isClearable: true },
    { name: 'accessLogSettings', ...accessLogSettings },
    {
      name: 'defaultRouteSettings',
      ...routeSettings,
      initial: { dataTraceEnabled: false, detailedMetricsEnabled: false, loggingLevel: 'OFF' },
    },
    { name: 'routeSettings', kind: 'map', of: routeSettings, initial: {} },
    {
      name: 'stageVariables',
      kind: 'map',
      key: {
        kind: 'text',
        lengthMin: 1,
        lengthMax: 64,
        matches: /^[A-Za-z0-9_]+$/,
        otherwise: variableName,
      },
      of: {
        kind: 'text',
        lengthMax: 512,
        matches: /^[A-Za-z0-9\-._~:/?#&=, ]+$/,
        isClearable: true,
        otherwise: variableValue,
      },
      quota: { max: limits.stageVariablesMax, things: 'Stage Variables', owner: 'Stage' },
      initial: {},
    },
    { name: 'tags', ...tagsRule, only: 'create', initial: {} },
  ],
  given: ['createdDate', 'lastUpdatedDate', 'lastDeploymentStatusMessage'],
};

/** A stage name is a segment of every URL that reaches the stage: checked in lenient mode too. */
export function stageNameProblem(name: string, protocolType: 'WEBSOCKET' | 'HTTP') {
  if (/^[A-Za-z0-9_-]{1,128}$/.test(name)) return undefined;
  return protocolType === 'HTTP' && name === '$default' ? undefined : invalidName;
}
