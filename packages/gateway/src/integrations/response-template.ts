/**
 * What a custom integration's answer becomes: the first integration response whose key matches the
 * selected value decides the template (developer guide, "Set up a WebSocket API integration
 * response"). Nobody asks for it on a one-way route, and there it is not made.
 */
import { type EventScope, MessageBody, type ResponseScope } from '../mapping/scope.ts';
import type { SelectionScope } from '../mapping/selection-expression.ts';
import type {
  CompiledIntegrationResponse,
  ResponseMapping,
} from '../resources/response-mapping.ts';
import { decodeBase64 } from './base64.ts';
import {
  configurationError,
  type IntegrationAnswer,
  type IntegrationEvent,
  type IntegrationOutcome,
} from './integration.ts';
import { render, selectTemplate } from './request-template.ts';

/** `selected` is the error message of a function, or the status code of anything else. */
export function mapAnswer(
  mapping: ResponseMapping,
  { scope, wantsBody, trail }: IntegrationEvent,
  answer: IntegrationAnswer,
  selected: string,
): IntegrationOutcome {
  if (!wantsBody) return answer;
  // Without any response a handshake is decided by the status alone; a reply has no form.
  if (mapping.responses.length === 0) {
    return scope.context.eventType === 'CONNECT'
      ? answer
      : configurationError('the integration has no integration response to make a reply of');
  }
  const since = trail?.begin();
  try {
    const response = mapping.responses.find((one) => one.matches(selected));
    if (response) {
      const outcome = apply(response, scope, answer);
      trail?.mark('response mapping', shown(outcome), since);
      return outcome;
    }
    return configurationError(`no integration response matches "${selected}"`);
  } catch (error) {
    return configurationError(`integration response: ${(error as Error).message}`);
  }
}

function apply(
  { templates, headers, contentHandling }: CompiledIntegrationResponse,
  scope: EventScope,
  answer: IntegrationAnswer,
): IntegrationOutcome {
  const response: ResponseScope = {
    status: answer.status,
    headers: answer.headers,
    body: new MessageBody(convert(answer.body, contentHandling)),
  };
  const template = selectTemplate(templates, selectionScope(scope, response));
  const body = template ? render(template, scope, response.body.text) : response.body.bytes;
  if (!Buffer.isBuffer(body)) return body;
  const mapped = headers.map(({ name, read }) => [name, read(scope, response)] as const);
  return {
    kind: 'answer',
    status: answer.status,
    ...(answer.requestId !== undefined && { requestId: answer.requestId }),
    headers: {
      ...answer.headers,
      ...Object.fromEntries(mapped.filter(([, value]) => value !== '')),
    },
    body,
  };
}

const selectionScope = (
  { body, stageVariables, context }: EventScope,
  response: ResponseScope,
): SelectionScope => ({ body, stageVariables, context, response });

const shown = (outcome: IntegrationOutcome) =>
  outcome.kind === 'answer' ? { body: outcome.body } : { note: outcome.reason };

/** To text: base64 of what is not text already. To binary: the bytes that base64 text stands for. */
function convert(body: Buffer, strategy: CompiledIntegrationResponse['contentHandling']): Buffer {
  if (strategy === 'CONVERT_TO_BINARY') {
    const bytes = decodeBase64(body.toString());
    if (!bytes) throw new Error('CONVERT_TO_BINARY, and the answer is no base64');
    return bytes;
  }
  return strategy === 'CONVERT_TO_TEXT' && !isText(body)
    ? Buffer.from(body.toString('base64'))
    : body;
}

const isText = (body: Buffer) => Buffer.from(body.toString('utf8')).equals(body);
