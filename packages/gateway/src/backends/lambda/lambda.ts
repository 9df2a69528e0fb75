/**
 * Lambda functions by name: each is called where it is, behind an endpoint, in a runtime that attaches
 * itself, or in processes of our own. What the events mean is not decided here.
 */
import { traceId, uuid } from '../../ambient/ids.ts';
import { parseFunctionUri } from '../../resources/function-reference.ts';
import { type FunctionSpec, placeOf } from './function-spec.ts';
import type { LambdaAnswer, LambdaCall, LambdaInvoker } from './lambda-call.ts';
import { LambdaError } from './lambda-error.ts';
import { callLocalFunction } from './local/call-local-function.ts';
import { createLocalFunction } from './local/create-local-function.ts';
import type { Delivery } from './local/invocation.ts';
import type { LocalFunction } from './local/local-function.ts';
import { callRemoteFunction } from './remote-function.ts';
import {
  type Functions,
  type LambdaInvokerOptions,
  type LambdaSettings,
  withDefaults,
} from './settings.ts';

export type { FunctionSpec } from './function-spec.ts';
export type { InvocationType, LambdaAnswer, LambdaCall, LambdaInvoker } from './lambda-call.ts';
export { LambdaError, type LambdaFailure, lambdaFailures } from './lambda-error.ts';
export type { FunctionOutput } from './local/local-function.ts';
export type { Functions, LambdaInvokerOptions } from './settings.ts';

/** An invoker that has functions of its own to look after. */
export interface LambdaFunctions extends LambdaInvoker {
  /** Lets runtimes attach and watches code. Rejects when a port is taken. */
  start(): Promise<void>;
  /** The next call of a local function starts it anew; calls under way go on. */
  invalidate(functionName: string): void;
  /** Other functions from now on. Those that stay as they are go on; the others are stopped. */
  replace(functions: Functions): Promise<void>;
}

export function createLambdaInvoker(options: LambdaInvokerOptions): LambdaFunctions {
  return new FunctionTable(withDefaults(options));
}

interface Entry {
  readonly spec: FunctionSpec;
  /** None for a function behind an endpoint. */
  readonly local: LocalFunction | undefined;
}

class FunctionTable implements LambdaFunctions {
  readonly #settings: LambdaSettings;
  readonly #entries = new Map<string, Entry>();
  #isStarted = false;

  constructor(settings: LambdaSettings) {
    this.#settings = settings;
    for (const [name, spec] of byName(settings.functions)) this.#add(name, spec);
  }

  async start(): Promise<void> {
    this.#isStarted = true;
    await Promise.all([...this.#entries.values()].map(({ local }) => local?.start()));
  }

  async invoke(call: LambdaCall): Promise<LambdaAnswer> {
    const { clock, endpoint, limits, log } = this.#settings;
    const { functionName, payload } = call;
    if (payload.length > limits.requestBytesMax) {
      const message = `the event for ${functionName} exceeds ${limits.requestBytesMax} bytes`;
      throw new LambdaError('tooLarge', message);
    }
    const entry = this.#entries.get(functionName);
    if (entry?.local) {
      return callLocalFunction(entry.local, call, this.#delivery(call), { clock, log });
    }
    const url = entry?.spec.endpoint ?? endpoint;
    if (url === undefined) throw this.#unknown(functionName);
    return callRemoteFunction(url, call, this.#settings);
  }

  invalidate(functionName: string): void {
    this.#entries.get(functionName)?.local?.invalidate();
  }

  async replace(functions: Functions): Promise<void> {
    const wanted = byName(functions);
    const leaving = [...this.#entries].filter(
      ([name, { spec }]) => JSON.stringify(spec) !== JSON.stringify(wanted.get(name)),
    );
    for (const [name] of leaving) this.#entries.delete(name);
    const coming = [...wanted].filter(([name]) => !this.#entries.has(name));
    const locals = coming.map(([name, spec]) => this.#add(name, spec));
    // A port must be free again before the next one takes it.
    await Promise.all(leaving.map(([, { local }]) => local?.stop()));
    if (this.#isStarted) await Promise.all(locals.map((local) => local?.start()));
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ local }) => local?.stop()));
  }

  #add(name: string, spec: FunctionSpec): LocalFunction | undefined {
    const local =
      placeOf(spec) === 'endpoint' ? undefined : createLocalFunction(name, spec, this.#settings);
    this.#entries.set(name, { spec, local });
    return local;
  }

  #delivery(call: LambdaCall): Delivery {
    const { account, clock, random, region } = this.#settings;
    const qualifier = call.qualifier ? `:${call.qualifier}` : '';
    return {
      requestId: call.requestId ?? uuid(random),
      payload: call.payload,
      functionArn: `arn:aws:lambda:${region}:${account}:function:${call.functionName}${qualifier}`,
      traceId: call.traceId ?? traceId(random, clock.now()),
    };
  }

  #unknown(functionName: string): LambdaError {
    const known = [...this.#entries.keys()].join(', ') || 'none';
    return new LambdaError(
      'notFound',
      `there is no function ${functionName} among those configured (${known}), and no Lambda endpoint`,
    );
  }
}

function byName(functions: Functions): Map<string, FunctionSpec> {
  return new Map(
    Object.entries(functions).map(([key, spec]) => [
      parseFunctionUri(key)?.functionName ?? key,
      spec,
    ]),
  );
}
