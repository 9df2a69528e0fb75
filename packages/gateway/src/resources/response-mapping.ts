import { compilePattern } from '../mapping/pattern/pattern.ts';
import {
  compileResponseMappings,
  type ResponseHeaderMapping,
} from '../mapping/response-mapping.ts';
import type { DeploymentSnapshot } from './deployment.ts';
import type { Integration } from './integration.ts';
import type { IntegrationResponse } from './integration-response.ts';
import { compileTemplates, type TemplateChoice } from './request-mapping.ts';

/** How a custom integration's answer becomes a reply: the first that matches, else the default. */
export interface ResponseMapping {
  /** In the order of their creation, `$default` last. Empty when none is configured. */
  readonly responses: readonly CompiledIntegrationResponse[];
}

export interface CompiledIntegrationResponse {
  /** Of an error message or a status code, as a whole. */
  matches(selected: string): boolean;
  readonly templates: TemplateChoice;
  readonly headers: readonly ResponseHeaderMapping[];
  readonly contentHandling: IntegrationResponse['contentHandlingStrategy'];
}

export function compileResponseMapping(
  { integrationId }: Integration,
  { integrationResponses }: DeploymentSnapshot,
): ResponseMapping {
  const own = Object.values(integrationResponses).filter(
    (response) => response.integrationId === integrationId,
  );
  const isDefault = ({ integrationResponseKey }: IntegrationResponse) =>
    integrationResponseKey === '$default';
  return Object.freeze({
    responses: [...own.filter((one) => !isDefault(one)), ...own.filter(isDefault)].map(
      compileResponse,
    ),
  });
}

function compileResponse(response: IntegrationResponse): CompiledIntegrationResponse {
  const key = response.integrationResponseKey;
  const pattern = key === '$default' ? undefined : compilePattern(key.replace(/^\/|\/$/g, ''));
  return Object.freeze({
    matches: (selected: string) => pattern?.matches(selected) ?? true,
    templates: compileTemplates(response.responseTemplates, response.templateSelectionExpression),
    headers: compileResponseMappings(response.responseParameters ?? {}),
    contentHandling: response.contentHandlingStrategy,
  });
}
