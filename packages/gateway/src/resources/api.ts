/** A WebSocket API as stored and as the control plane shows it. Field names are the wire's. */
export interface Api {
  readonly apiId: string;
  readonly name: string;
  readonly protocolType: 'WEBSOCKET';
  readonly routeSelectionExpression: string;
  readonly apiKeySelectionExpression: string;
  readonly createdDate: string;
  readonly disableExecuteApiEndpoint: boolean;
  readonly disableSchemaValidation?: boolean;
  readonly ipAddressType: 'ipv4' | 'dualstack';
  readonly description?: string;
  readonly version?: string;
  readonly tags: Readonly<Record<string, string>>;
}
