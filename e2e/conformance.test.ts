import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useCleanup } from './support/cleanup.ts';
import { freePort } from './support/free-port.ts';
import { startGateway } from './support/gateway.ts';
import { quietEnvironment } from './support/process.ts';
import { repository } from './support/repository.ts';

interface CaseResult {
  readonly id: string;
  readonly topic: string;
  readonly outcome: 'as documented' | 'differs' | 'not run';
  readonly why?: string;
}

const wrongCases = join(repository, 'e2e/fixtures/conformance/false');
const misspeltCases = join(repository, 'e2e/fixtures/conformance/misspelt');

describe('the documented behaviours', () => {
  const cleanup = useCleanup();

  /** The command as its users call it. */
  async function runConformance(...args: string[]) {
    const json = join(await cleanup.folder(), 'results.json');
    const { code, output } = await runNode('conformance/src/main.mjs', '--json', json, ...args);
    const text = await readFile(json, 'utf8').catch(() => '{"cases":[],"page":""}');
    const { cases, page } = JSON.parse(text) as { cases: CaseResult[]; page: string };
    return { code, output, cases, page };
  }

  test('the built gateway behaves as documented, and docs/compatibility.md says what a run says', async () => {
    const { code, output, cases, page } = await runConformance('--patience', '60');
    expect(cases.filter(({ outcome }) => outcome === 'differs')).toEqual([]);
    expect(code, output).toBe(0);
    expect(cases.length).toBeGreaterThanOrEqual(200);
    expect(page).toBe(await readFile(join(repository, 'docs/compatibility.md'), 'utf8'));
  });

  test('what users trip over is thirty things, each with a case of its own', async () => {
    const file = join(repository, 'conformance/cases/trip-ups.yaml');
    const numbers = (await readFile(file, 'utf8')).match(/(?<=id: trip-)\d\d/g) ?? [];
    const thirty = Array.from({ length: 30 }, (_, at) => String(at + 1).padStart(2, '0'));
    expect([...new Set(numbers)]).toEqual(thirty);
  });

  test('a case that expects what does not happen differs, and the command fails', async () => {
    const { code, cases } = await runConformance('--cases', wrongCases, '--patience', '1');
    expect(cases.map(({ id, outcome }) => `${id}: ${outcome}`)).toEqual([
      'wrong-status: differs',
      'wrong-frame: differs',
      'wrong-silence: differs',
      'wrong-header: differs',
      'wrong-order: differs',
      'wrong-close: differs',
      'wrong-while-answering: differs',
      'wrong-variable: differs',
    ]);
    expect(code).toBe(1);
  });

  test('a misspelt expectation is told with its file and case, and nothing is run', async () => {
    const { code, output, cases } = await runConformance('--cases', misspeltCases);
    expect(output).toContain('typo.yaml, typo: steps[0], expect: "header" is none of status,');
    expect(cases).toEqual([]);
    expect(code).toBe(1);
  });

  test('any endpoint can be checked, and calls the runner for its functions', async () => {
    const port = await freePort();
    const lambda = `http://127.0.0.1:${port}`;
    const args = ['--ephemeral', '--lambda-endpoint', lambda];
    const { url } = await startGateway(cleanup, { args });
    const topics = ['--topic', 'connect', '--topic', 'lambda-custom', '--topic', 'iam'];
    const { code, output, cases } = await runConformance(
      ...['--endpoint', url, '--lambda-port', String(port), '--patience', '60', ...topics],
    );
    expect(code, output).toBe(0);
    const notRun = cases.filter(({ outcome }) => outcome === 'not run');
    expect(new Set(notRun.map(({ topic }) => topic))).toEqual(new Set(['Signatures and policies']));
  });
});

function runNode(...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const options = { cwd: repository, env: quietEnvironment(), timeout: 220_000 };
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : error ? -1 : 0;
      resolve({ code, output: stdout + stderr });
    });
  });
}
