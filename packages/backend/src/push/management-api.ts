/**
 * The three calls of the management API, `/@connections/{connectionId}` under the stage.
 * Each rejects with a {@link PushError}; a connection that is gone gives `GoneException`.
 */
export interface ManagementApi {
  /** Sends one message to the client. Resolves when the gateway took it, not when it arrived. */
  post(connectionId: string, data: Uint8Array): Promise<void>;
  /** Resolves when the connection is open. */
  get(connectionId: string): Promise<void>;
  /** Closes the connection with 1000. */
  delete(connectionId: string): Promise<void>;
  /** Lets go of sockets. Safe to call twice. */
  close(): void;
}
