import { onTestFinished } from 'vitest';
import { type Backend, type BackendOptions, createBackend } from '../../src/index.ts';
import { FakeAmbient } from './fake-ambient.ts';
import {
  type ManagementEndpoint,
  startManagementEndpoint,
  testCredentials,
} from './management-endpoint.ts';

export interface StartedBackend {
  readonly backend: Backend;
  readonly management: ManagementEndpoint;
  readonly ambient: FakeAmbient;
  /** Puts a connection on record as `$connect` would. */
  connect(connectionId: string, userId: string): Promise<number>;
}

/**
 * A backend whose tokens are user ids, before a scripted management endpoint, in still time. Both
 * end with the test.
 */
export async function startBackend(options: Partial<BackendOptions> = {}): Promise<StartedBackend> {
  const management = await startManagementEndpoint();
  const ambient = new FakeAmbient();
  const backend = createBackend({
    endpoint: management.endpoint,
    region: 'us-east-1',
    credentials: testCredentials,
    authenticate: (token) => token ?? null,
    log: () => {},
    ambient,
    ...options,
  });
  onTestFinished(async () => {
    await backend.close();
    await management.close();
  });
  return {
    backend,
    management,
    ambient,
    async connect(connectionId, userId) {
      const url = `/ws/connect?token=${encodeURIComponent(userId)}`;
      const answer = await backend.handle({ method: 'POST', url, headers: { connectionId } });
      return answer!.status;
    },
  };
}
