/** How long connections to backends may take to be made and may wait, whoever carries the calls. */
export const connectionTimes = {
  /** No call waits this long; it is what a connection that nobody waits for any more ends by. */
  connectMillis: 30_000,
  /** When the backend does not say how long it waits: servers often close at 5 s. */
  keepAliveDefaultSeconds: 4,
  /** Load balancers close idle connections at 60 s or earlier: leave before they do. */
  keepAliveMaxSeconds: 25,
} as const;
