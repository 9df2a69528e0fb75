import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** What a test file opened, closed after its last test in the reverse order. */
export interface Cleanup {
  defer(close: () => unknown): void;
  /** A folder of its own, removed at the end. */
  folder(): Promise<string>;
}

/** Call it at the top of a test file, or of a `describe`. */
export function useCleanup(): Cleanup {
  const closers: (() => unknown)[] = [];
  const defer = (close: () => unknown) => void closers.push(close);
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });
  return {
    defer,
    async folder() {
      const path = await mkdtemp(join(tmpdir(), 'postern-e2e-'));
      defer(() => rm(path, { recursive: true, force: true, maxRetries: 3 }));
      return path;
    },
  };
}

/** Of the test that is running: closed as soon as it is over. */
export const afterTest: Pick<Cleanup, 'defer'> = {
  defer: (close) => onTestFinished(async () => void (await close())),
};
