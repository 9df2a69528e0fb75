/** What Postern says of a message to many. */
export interface FanOutCounts {
  /** Connections that took it. */
  readonly delivered: number;
  /** Connections whose client reads too slowly: their queue is full. */
  readonly refused: number;
  /** Connections that closed before their turn came. */
  readonly gone: number;
  /** Nodes of Postern that did not say in time what they did; they are not counted. */
  readonly unreached?: readonly string[];
}

/**
 * The calls of the management API, `/@connections/{connectionId}` under the stage.
 * Each rejects with a {@link PushError}; a connection that is gone gives `GoneException`.
 */
export interface ManagementApi {
  /**
   * Sends one message to every connection of the stage, in the one call that Postern has for it.
   * Undefined where there is no such call, and nothing was sent: Amazon API Gateway has none.
   */
  postToAll(data: Uint8Array): Promise<FanOutCounts | undefined>;
  /** Sends one message to the client. Resolves when the gateway took it, not when it arrived. */
  post(connectionId: string, data: Uint8Array): Promise<void>;
  /** Resolves when the connection is open. */
  get(connectionId: string): Promise<void>;
  /** Closes the connection with 1000. */
  delete(connectionId: string): Promise<void>;
  /** Lets go of sockets. Safe to call twice. */
  close(): void;
}
