export const integrationTypes = ['AWS', 'HTTP', 'MOCK', 'HTTP_PROXY', 'AWS_PROXY'] as const;
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
}
