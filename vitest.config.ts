import { defineConfig } from 'vitest/config';

/** Patience only: what is polled for comes in milliseconds, unless the machine is very busy. */
const expect = { poll: { timeout: 30_000 } };

/**
 * Two projects: fast behaviour tests of each package (real sockets, no outside tools), and the
 * end-to-end tests, which drive the built product with Amazon's own tools and a real browser. Their time
 * limits are for what hangs: a test that starts several processes takes seconds where many others run.
 */
export default defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      {
        test: {
          name: 'packages',
          expect,
          include: ['packages/*/test/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          expect,
          include: ['e2e/**/*.test.ts', 'examples/*/test/**/*.test.ts', 'bench/test/**/*.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
