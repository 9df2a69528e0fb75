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
