import { existsSync } from 'node:fs';

/**
 * A program of a Debian package (`scripts/install-test-tools.sh`); `undefined` where it is missing, so
 * that its tests are skipped, visibly. With `CI=true` a missing one is a failure.
 */
export function testTool(path: string): string | undefined {
  if (existsSync(path)) return path;
  if (/^(?:true|1)$/.test(process.env.CI ?? '')) throw new Error(`${path} is missing`);
  return undefined;
}
