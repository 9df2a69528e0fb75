import type { ManagementApi } from './management-api.ts';
import { PushError } from './push-error.ts';

/** What is used of the AWS SDK v3's `ApiGatewayManagementApi` client. */
export interface ManagementApiClient {
  postToConnection(input: { ConnectionId: string; Data: Uint8Array }): Promise<unknown>;
  getConnection(input: { ConnectionId: string }): Promise<unknown>;
  deleteConnection(input: { ConnectionId: string }): Promise<unknown>;
}

/** Management calls through a client of yours, which signs, retries and times out by itself. */
export function sdkManagementApi(client: ManagementApiClient): ManagementApi {
  return {
    // No SDK has the call.
    postToAll: async () => undefined,
    post: (ConnectionId, Data) => settle(client.postToConnection({ ConnectionId, Data })),
    get: (ConnectionId) => settle(client.getConnection({ ConnectionId })),
    delete: (ConnectionId) => settle(client.deleteConnection({ ConnectionId })),
    close() {
      // The client belongs to whoever made it.
    },
  };
}

async function settle(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    throw toPushError(error);
  }
}

interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

function toPushError(error: unknown): PushError {
  const { name = 'Unknown', message, $metadata } = (error ?? {}) as SdkError;
  const status = $metadata?.httpStatusCode;
  // A 413 comes without a name, and the empty body of a 410 makes the message "UnknownError".
  const known = nameOfStatus(status) ?? (name === 'Error' ? 'ConnectionError' : name);
  const hasText = message !== undefined && message !== '' && message !== 'UnknownError';
  const text = hasText ? message : `the gateway answered ${status ?? 'nothing'}`;
  return new PushError({ name: known, status, message: text, isSigned: true }, { cause: error });
}

function nameOfStatus(status: number | undefined): string | undefined {
  if (status === 410) return 'GoneException';
  if (status === 413) return 'PayloadTooLargeException';
  return undefined;
}
