import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { quietEnvironment } from './process.ts';
import { AWS } from './tools.ts';

const run = promisify(execFile);

/** Runs a command line as written in a shell, `aws apigatewayv2 get-apis`, and gives its JSON. */
// biome-ignore lint/suspicious/noExplicitAny: the CLI prints whatever the operation answers.
export type AwsCli = (commandLine: string) => Promise<any>;

/** What every AWS tool needs to be told, here: nobody's key, no files, no instance metadata. */
export const awsEnvironment = {
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_REGION: 'us-east-1',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_PAGER: '',
  AWS_MAX_ATTEMPTS: '1',
};

/**
 * The aws CLI with `--endpoint-url` added to every command, and nothing else. The environment is
 * that of {@link awsEnvironment}, with what `environment` names in its place.
 */
export function awsCli(endpointUrl: string, environment: Record<string, string> = {}): AwsCli {
  return async (commandLine) => {
    const script = `aws() { "$AWS" "$@" --endpoint-url "$ENDPOINT_URL"; }\n${commandLine}`;
    const { stdout } = await run('bash', ['-euc', script], {
      env: {
        ...quietEnvironment(),
        ...awsEnvironment,
        ...environment,
        AWS,
        ENDPOINT_URL: endpointUrl,
      },
      timeout: 120_000,
    });
    return stdout.trim() === '' ? undefined : JSON.parse(stdout);
  };
}
