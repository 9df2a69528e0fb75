import { defineConfig } from 'vitest/config';

/**
 * Two projects: fast behaviour tests of each package (real sockets, no outside tools), and the
 * end-to-end tests, which drive the built product with Amazon's own tools and a real browser.
 */
/** Patience only: what is polled for comes in milliseconds, unless the machine is very busy. */
const expect = { poll: { timeout: 15_000 } };

export default defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      {
        test: {
          name: 'packages',
          expect,
          include: ['packages/*/test/**/*.test.ts'],
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'e2e',
          expect,
          include: ['e2e/**/*.test.ts', 'examples/*/test/**/*.test.ts', 'bench/test/**/*.test.ts'],
          testTimeout: 90_000,
          hookTimeout: 90_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
