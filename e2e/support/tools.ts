import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, test } from 'vitest';

/** Amazon's tools, Python and the browser by absolute path: others may come first on the PATH. */
export const AWS = '/usr/bin/aws';
export const PYTHON = '/usr/bin/python3';
export const CHROMIUM = '/usr/bin/chromium';

const isPresent = {
  aws: () => existsSync(AWS),
  boto3: () => hasPythonModule('boto3'),
  fastapi: () => hasPythonModule('fastapi') && hasPythonModule('uvicorn'),
  chromium: () => existsSync(CHROMIUM),
};

export type Tool = keyof typeof isPresent;

/**
 * `describe` for tests that need tools from outside npm. A missing tool skips them, under a name
 * that says which; with CI=true it fails them. `scripts/install-test-tools.sh` brings all tools.
 */
export function describeWith(tools: readonly Tool[], name: string, body: () => void): void {
  const missing = tools.filter((tool) => !isPresent[tool]());
  if (missing.length === 0) {
    describe(name, body);
  } else if (process.env.CI === 'true' || process.env.CI === '1') {
    test(`${name} (needs ${missing.join(', ')})`, () => {
      throw new Error(`Missing: ${missing.join(', ')}. Run scripts/install-test-tools.sh as root.`);
    });
  } else {
    console.warn(`SKIPPED, because ${missing.join(', ')} is missing: ${name}`);
    describe.skip(name, body);
  }
}

function hasPythonModule(name: string): boolean {
  return existsSync(PYTHON) && spawnSync(PYTHON, ['-c', `import ${name}`]).status === 0;
}
