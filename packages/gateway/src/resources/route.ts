export interface Route {
  readonly routeId: string;
  readonly routeKey: string;
  readonly apiKeyRequired: boolean;
  readonly authorizationType: 'NONE' | 'AWS_IAM' | 'CUSTOM';
  readonly authorizerId?: string;
  readonly modelSelectionExpression?: string;
  readonly operationName?: string;
  readonly requestModels?: Readonly<Record<string, string>>;
  readonly requestParameters?: Readonly<Record<string, { readonly required: boolean }>>;
  readonly routeResponseSelectionExpression?: string;
  /** `integrations/{integrationId}` */
  readonly target?: string;
}

export interface RouteResponse {
  readonly routeResponseId: string;
  readonly routeId: string;
  readonly routeResponseKey: string;
  readonly modelSelectionExpression?: string;
  readonly responseModels?: Readonly<Record<string, string>>;
  readonly responseParameters?: Readonly<Record<string, { readonly required: boolean }>>;
}
