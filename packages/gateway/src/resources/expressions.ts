/**
 * Which expressions a resource may hold. The grammar is AWS's (developer guide, "Selection
 * expressions" and "Setting up data mapping for WebSocket APIs"); what passes here can also be
 * compiled by `mapping/`, so a stage that was deployed can run.
 */
import { compileJsonPath } from '../mapping/json-path/json-path.ts';
import { compileParameterMappings } from '../mapping/parameter-mapping.ts';
import { compileSelectionExpression } from '../mapping/selection-expression.ts';
import type { Dictionary } from './record.ts';

/** `$request.body.action`, `${request.body.a}/${request.body.b}`, `\$default`, literals. */
export function isSelectionExpression(text: string): boolean {
  return succeeds(() => compileSelectionExpression(text));
}

const NAME = '[A-Za-z0-9._$-]+';
const DESTINATION = new RegExp(`^integration\\.request\\.(?:header|querystring|path)\\.${NAME}$`);
// The service model still mentions `method.request`, the spelling of REST APIs.
const REQUEST = `(?:route|method)\\.request\\.(?:multivalue)?(?:header|querystring)`;
const NAMED_SOURCE = new RegExp(`^(?:${REQUEST}|stageVariables|context)\\.${NAME}$`);
const ANYWHERE = new RegExp(`^(?:stageVariables|context)\\.${NAME}$`);
const BODY_SOURCE = /^(?:route|method)\.request\.body(?:\.|$)/;
/** Without control characters: a static value must not break out of the header it fills. */
const STATIC_SOURCE = /^'\P{Cc}*'$/u;

/** What an authorizer may ask a handshake for. */
export function isIdentitySource(text: string): boolean {
  return ROUTE_PARAMETER.test(text) || ANYWHERE.test(text);
}

export function isMappingDestination(key: string): boolean {
  return DESTINATION.test(key);
}

export function isMappingSource(text: string): boolean {
  if (STATIC_SOURCE.test(text) || NAMED_SOURCE.test(text)) return true;
  const mapping = { 'integration.request.querystring.body': text };
  return BODY_SOURCE.test(text) && succeeds(() => compileParameterMappings(mapping));
}

const RESPONSE_SOURCE = new RegExp(`^integration\\.response\\.(?:multivalue)?header\\.${NAME}$`);
const RESPONSE_BODY = /^integration\.response\.body(?:\.(.+))?$/s;

function isResponseDestination(key: string): boolean {
  return RESPONSE_PARAMETER.test(key);
}

/** Where a parameter of an integration response may come from. */
function isResponseSource(text: string): boolean {
  if (STATIC_SOURCE.test(text) || ANYWHERE.test(text) || RESPONSE_SOURCE.test(text)) return true;
  const [whole, path = '$'] = RESPONSE_BODY.exec(text) ?? [];
  return whole !== undefined && succeeds(() => compileJsonPath(path));
}

/** AWS's sentence for the entries that are no mapping; `undefined` when all are. `""` removes a key. */
export function mappingProblem(parameters: Dictionary<unknown>): string | undefined {
  return entriesProblem(parameters, isMappingDestination, isMappingSource);
}

/** The same for `responseParameters` of an integration response. */
export function responseMappingProblem(parameters: Dictionary<unknown>): string | undefined {
  return entriesProblem(parameters, isResponseDestination, isResponseSource);
}

function entriesProblem(
  parameters: Dictionary<unknown>,
  isDestination: (key: string) => boolean,
  isSource: (text: string) => boolean,
): string | undefined {
  const errors = Object.entries(parameters).flatMap(([key, source]) => {
    if (!isDestination(key)) return [parameterError(key)];
    if (source === '' || isSource(String(source))) return [];
    return [`Invalid mapping expression specified: ${source}`];
  });
  return validationResult(errors);
}

/** `requestParameters` of a route: `route.request.(header|querystring).NAME`. */
export function routeParameterProblem(parameters: Dictionary<unknown>): string | undefined {
  return keysProblem(parameters, ROUTE_PARAMETER);
}

/** `responseParameters` of a route response: `route.response.header.NAME`. */
export function responseParameterProblem(parameters: Dictionary<unknown>): string | undefined {
  return keysProblem(parameters, RESPONSE_PARAMETER);
}

const ROUTE_PARAMETER = new RegExp(`^route\\.request\\.(?:header|querystring)\\.${NAME}$`);
const RESPONSE_PARAMETER = new RegExp(`^route\\.response\\.header\\.${NAME}$`);

function keysProblem(parameters: Dictionary<unknown>, pattern: RegExp): string | undefined {
  const wrong = Object.keys(parameters).filter((key) => !pattern.test(key));
  return validationResult(wrong.map(parameterError));
}

const parameterError = (key: string) => `Invalid mapping expression parameter specified: ${key}`;

function validationResult(errors: readonly string[]): string | undefined {
  if (errors.length === 0) return undefined;
  const list = errors.join(', ');
  return `Invalid mapping expression specified: Validation Result: warnings : [], errors : [${list}]`;
}

function succeeds(compile: () => unknown): boolean {
  try {
    compile();
    return true;
  } catch {
    return false;
  }
}
