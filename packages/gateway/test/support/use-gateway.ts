import { afterEach, beforeEach, expect } from 'vitest';
import { type RecordingBackend, startBackend } from './recording-backend.ts';
import { type GatewayOptions, startGateway, type TestGateway } from './start-gateway.ts';

/** What runs during the test at hand. */
export interface Running {
  backend: RecordingBackend;
  gateway: TestGateway;
}

/**
 * A fresh gateway and a recording backend for each test of the file. `prepare` runs once both are up.
 * A bug that was logged fails the test, whatever else it saw.
 */
export function useGateway(
  prepare: (running: Running) => Promise<void> = async () => {},
  options: GatewayOptions = {},
): Running {
  const running = {} as Running;
  beforeEach(async () => {
    running.backend = await startBackend();
    running.gateway = await startGateway(options);
    await prepare(running);
  });
  afterEach(async () => {
    expect(running.gateway.errors).toEqual([]);
    await running.gateway.stop();
    await running.backend.stop();
  });
  return running;
}
