/**
 * The numbers of Amazon API Gateway for WebSocket APIs, in one place.
 * Source: "Quotas for configuring and running a WebSocket API" in the API Gateway developer guide.
 */
export const limits = Object.freeze({
  /** Payload of one WebSocket frame sent by a client. One byte more closes with 1009. */
  frameBytesMax: 32 * 1024,
  /** Payload of one message, in either direction. */
  messageBytesMax: 128 * 1024,
  /** A connection on which nothing moves is closed with 1001. */
  idleTimeoutSeconds: 10 * 60,
  /** No connection lives longer, however busy. */
  connectionDurationSeconds: 2 * 60 * 60,
  integrationTimeoutMillisMin: 50,
  integrationTimeoutMillisMax: 29_000,
  /** The whole request target of a handshake. */
  urlCharactersMax: 4096,
  /** All header values of a handshake together. */
  headerBytesMax: 10_240,
  /** Requests a second and at once, of all APIs of an account; Postern applies them where it is told. */
  accountRateLimit: 10_000,
  accountBurstLimit: 5000,
  apisPerAccountMax: 600,
  routesPerApiMax: 300,
  integrationsPerApiMax: 300,
  authorizersPerApiMax: 10,
  stagesPerApiMax: 10,
  stageVariablesMax: 100,
  tagsPerResourceMax: 50,
  apiKeysPerAccountMax: 10_000,
  usagePlansPerAccountMax: 300,
  usagePlansPerApiKeyMax: 10,

  // Where AWS documents no number, or a small one that it raises when asked.
  integrationResponsesPerApiMax: 1500,
  modelsPerApiMax: 300,
  domainNamesPerAccountMax: 600,
  apiMappingsPerDomainMax: 200,
  routingRulesPerDomainMax: 50,
  vpcLinksPerAccountMax: 300,
  clientCertificatesPerAccountMax: 300,
});
