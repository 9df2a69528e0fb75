import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { HttpCaller } from '../../../../src/backends/http-caller.ts';
import {
  createLambdaInvoker,
  type FunctionSpec,
  type LambdaAnswer,
  type LambdaCall,
  type LambdaFunctions,
  type LambdaInvokerOptions,
} from '../../../../src/backends/lambda/lambda.ts';
import { silentLog } from '../../../../src/telemetry/log.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { Queue } from '../../../support/queue.ts';

export interface OutputLine {
  readonly functionName: string;
  readonly requestId: string | undefined;
  readonly line: string;
}

export interface TestFunctions {
  readonly lambda: LambdaFunctions;
  /** The functions' own clocks are real: this one begins there, and moves only when told. */
  readonly clock: FakeClock;
  readonly output: Queue<OutputLine>;
  readonly infos: Queue<string>;
  readonly warnings: Queue<string>;
  readonly folder: string;
  /** Writes a file of code. */
  write(path: string, text: string): void;
  invoke(functionName: string, event?: unknown, call?: Partial<LambdaCall>): Promise<LambdaAnswer>;
  /** The answer's payload, parsed. */
  result(functionName: string, event?: unknown, call?: Partial<LambdaCall>): Promise<unknown>;
  stop(): Promise<void>;
}

export type TestOptions = Partial<Omit<LambdaInvokerOptions, 'functions'>> & {
  /** Path → text. */
  readonly files?: Readonly<Record<string, string>>;
  readonly functions: Readonly<Record<string, FunctionSpec>>;
  /** Leaves what functions print to the log. */
  readonly printsToLog?: boolean;
};

export const PYTHON = ['/usr/bin/python3'];

/** Functions in real processes, with their code in a folder of their own. */
export async function startFunctions(options: TestOptions): Promise<TestFunctions> {
  const { files = {}, printsToLog = false, ...own } = options;
  const folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text, { mode: 0o755 });
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  const clock = new FakeClock(Date.now());
  const output = new Queue<OutputLine>();
  const infos = new Queue<string>();
  const warnings = new Queue<string>();
  const http = new HttpCaller({ clock, connectionsPerOriginMax: 10 });
  const lambda = createLambdaInvoker({
    region: 'eu-west-1',
    account: '123456789012',
    folder,
    http,
    clock,
    log: {
      ...silentLog,
      info: (message) => infos.push(message),
      warn: (message) => warnings.push(message),
    },
    ...(!printsToLog && {
      output: (functionName, requestId, line) => output.push({ functionName, requestId, line }),
    }),
    python: PYTHON,
    ...own,
  });
  await lambda.start();
  const invoke: TestFunctions['invoke'] = (functionName, event = {}, call = {}) =>
    lambda.invoke({
      functionName,
      payload: Buffer.from(JSON.stringify(event)),
      timeoutMillis: 29_000,
      invocationType: 'RequestResponse',
      ...call,
    });
  return {
    lambda,
    clock,
    output,
    infos,
    warnings,
    folder,
    write,
    invoke,
    result: async (...call) => JSON.parse((await invoke(...call)).payload.toString()),
    stop: async () => {
      await lambda.stop();
      await http.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
