/**
 * MOCK: no backend. The request template renders `{"statusCode": 200}`, and that number chooses the
 * integration response, which is all there is.
 */
import type { MockIntegration } from '../resources/compiled-integration.ts';
import {
  configurationError,
  type IntegrationEvent,
  type IntegrationOutcome,
} from './integration.ts';
import { renderRequest } from './request-template.ts';
import { mapAnswer } from './response-template.ts';

/** Amazon also takes the key without its quotes. */
const LOOSE = /^\s*\{\s*statusCode\s*:\s*(\d+)\s*\}\s*$/;

export function answerMock(
  integration: MockIntegration,
  event: IntegrationEvent,
): IntegrationOutcome {
  const rendered = renderRequest(integration.request, event.scope);
  if (!Buffer.isBuffer(rendered)) return rendered;
  event.trail?.mark('mapped request', { note: 'MOCK', body: rendered });
  const status = statusOf(rendered.toString());
  if (status === undefined) {
    return configurationError('the request template rendered no object with a whole statusCode');
  }
  const answer = { kind: 'answer', status, headers: {}, body: Buffer.alloc(0) } as const;
  return mapAnswer(integration.response, event, answer, String(status));
}

function statusOf(text: string): number | undefined {
  const loose = LOOSE.exec(text)?.[1];
  if (loose !== undefined) return Number(loose);
  try {
    const { statusCode } = JSON.parse(text) as { statusCode?: unknown };
    return Number.isInteger(statusCode) ? (statusCode as number) : undefined;
  } catch {
    return undefined;
  }
}
