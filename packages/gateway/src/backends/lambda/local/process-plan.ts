/** What is started for a function: which program, in which folder, with which environment. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Random } from '../../../ambient/random.ts';
import { type FunctionSpec, functionDefaults } from '../function-spec.ts';
import type { ProcessPlan } from './function-process.ts';
import { nodeRuntime } from './node-runtime.ts';
import { pythonRuntime } from './python-runtime.ts';

export interface PlanOptions {
  readonly functionName: string;
  readonly spec: FunctionSpec;
  /** Where a relative `code` begins. */
  readonly folder: string;
  readonly region: string;
  /** For every function, such as certificates to trust; a function's own `environment` goes before. */
  readonly environment: Environment;
  /** Where `PATH` and the like are taken from; nothing else of it is handed on. */
  readonly inherited: Environment;
  /** The program for `nodejs…`. */
  readonly node: string;
  /** The program for `python…`, with its first arguments. */
  readonly python: readonly string[];
  readonly now: number;
  readonly random: Random;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function planProcess(options: PlanOptions, runtimeApi: string): ProcessPlan {
  const folder = codeFolder(options.spec, options.folder);
  return {
    command: commandOf(options.spec, folder, options),
    folder,
    environment: environmentOf(options, folder, runtimeApi),
  };
}

export function codeFolder(spec: FunctionSpec, folder: string): string {
  return resolve(folder, spec.code ?? '.');
}

type Programs = Pick<PlanOptions, 'node' | 'python'>;

function commandOf(spec: FunctionSpec, folder: string, { node, python }: Programs) {
  if (spec.command) return spec.command;
  switch (languageOf(spec, folder)) {
    case 'nodejs':
      return [node, '--eval', nodeRuntime];
    case 'python':
      return [...python, '-c', pythonRuntime];
    default:
      return [join(folder, 'bootstrap')];
  }
}

/** As `runtime` says; without it, Python when the handler's file is there with that ending. */
function languageOf({ runtime, handler = '' }: FunctionSpec, folder: string) {
  if (runtime !== undefined) return /^[a-z]+/.exec(runtime)?.[0];
  const file = handler.slice(0, handler.lastIndexOf('.'));
  return existsSync(join(folder, `${file}.py`)) ? 'python' : 'nodejs';
}

const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'SystemRoot'];
const VERSION = '$LATEST';

/** As "Defined runtime environment variables" of Lambda lists them. */
function environmentOf(options: PlanOptions, folder: string, runtimeApi: string) {
  const { functionName, inherited, region, spec } = options;
  return given({
    ...Object.fromEntries(INHERITED.map((name) => [name, inherited[name]])),
    TZ: ':UTC',
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    ...options.environment,
    ...spec.environment,
    _HANDLER: spec.handler ?? 'handler',
    AWS_EXECUTION_ENV: spec.runtime && `AWS_Lambda_${spec.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: functionName,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memorySize ?? functionDefaults.memoryMegabytes),
    AWS_LAMBDA_FUNCTION_VERSION: VERSION,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName(options),
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    LAMBDA_TASK_ROOT: folder,
  });
}

/** `2026/09/25/[$LATEST]` and 32 hexadecimal digits, one for each process. */
function logStreamName({ now, random }: Pick<PlanOptions, 'now' | 'random'>): string {
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '/');
  return `${day}/[${VERSION}]${Buffer.from(random.bytes(16)).toString('hex')}`;
}

function given(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
}
