import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';

const environment = {
  PATH: '/usr/bin:/bin',
  HOME: '/nonexistent',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PAGER: '',
};

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program that is not ours, bounded in time. Resolves whatever its exit code is. */
export function run(program: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(program, args, { env: environment, timeout: 60_000 }, (error, stdout, stderr) => {
      const code = error ? Number(error.code ?? 1) : 0;
      resolve({ code: Number.isNaN(code) ? 1 : code, stdout, stderr });
    });
  });
}

/**
 * Whether tests with a program can run here. Where everything must be there (CI), a missing one is
 * no reason to skip: the tests then run and fail.
 */
export async function isMissing(program: string, args: readonly string[]): Promise<boolean> {
  if (process.env.CI) return false;
  return !existsSync(program) || (await run(program, args)).code !== 0;
}

/** The Python of this machine's path when it can run a line of code, by its own address. */
export async function pythonThat(line: string): Promise<string | undefined> {
  const ask = `${line}\nimport sys; print(sys.executable)`;
  return new Promise((resolve) => {
    execFile('python3', ['-c', ask], { timeout: 60_000 }, (error, stdout) => {
      resolve(error ? undefined : stdout.trim());
    });
  });
}
