/** What an invoker of Lambda functions needs to know, and what holds when nothing is said. */
import type { Clock } from '../../ambient/clock.ts';
import { type Random, systemRandom } from '../../ambient/random.ts';
import type { SigningCredentials } from '../../iam/sign.ts';
import type { Log } from '../../telemetry/log.ts';
import type { HttpCaller } from '../http-caller.ts';
import { credentialsIn } from './credentials.ts';
import type { FunctionSpec } from './function-spec.ts';
import { type LambdaLimits, lambdaLimits } from './limits.ts';
import type { FunctionOutput } from './local/local-function.ts';

/** By name, or by ARN. */
export type Functions = Readonly<Record<string, FunctionSpec>>;

export interface LambdaInvokerOptions {
  readonly functions: Functions;
  /** Where functions are called that `functions` does not name. Without it there are no others. */
  readonly endpoint?: string;
  readonly region: string;
  readonly account: string;
  /** Where a relative `code` begins. Default: the working directory. */
  readonly folder?: string;
  readonly http: HttpCaller;
  readonly clock: Clock;
  readonly random?: Random;
  readonly log: Log;
  /** Takes what local functions print. Default: the log. */
  readonly output?: FunctionOutput;
  /** Calls of endpoints are signed with these. Default: those in `env`, or else test and test. */
  readonly credentials?: SigningCredentials;
  /** Environment of every local function, such as `NODE_EXTRA_CA_CERTS` and `AWS_CA_BUNDLE`. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether local functions follow their code on disk. Default false. */
  readonly watchesCode?: boolean;
  /** This process's own environment. Local functions inherit `PATH` and the like, no more. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: the Node.js that runs this. */
  readonly node?: string;
  /** Default `/usr/bin/env python3`. */
  readonly python?: readonly string[];
  readonly limits?: Partial<LambdaLimits>;
}

/** The options with every default filled in. */
export function withDefaults(options: LambdaInvokerOptions) {
  const env = options.env ?? process.env;
  return {
    env,
    credentials: credentialsIn(env),
    folder: process.cwd(),
    random: systemRandom,
    environment: {},
    watchesCode: false,
    node: process.execPath,
    python: ['/usr/bin/env', 'python3'],
    output: ((functionName, requestId, line) =>
      options.log.info(line, { functionName, requestId })) satisfies FunctionOutput,
    ...options,
    limits: { ...lambdaLimits, ...options.limits },
  };
}

export type LambdaSettings = ReturnType<typeof withDefaults>;
