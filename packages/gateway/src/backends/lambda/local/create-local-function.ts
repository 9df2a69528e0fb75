import { type FunctionSpec, timeoutMillisOf } from '../function-spec.ts';
import type { LambdaSettings } from '../settings.ts';
import { AttachedFunction } from './attached-function.ts';
import type { LocalFunction } from './local-function.ts';
import { codeFolder, planProcess } from './process-plan.ts';
import { SpawnedFunction } from './spawned-function.ts';

/** A function whose runtime attaches itself when `spec` has a port, else one in our own processes. */
export function createLocalFunction(
  functionName: string,
  spec: FunctionSpec,
  settings: LambdaSettings,
): LocalFunction {
  const { clock, limits, log, output } = settings;
  const common = { functionName, timeoutMillis: timeoutMillisOf(spec), clock, limits, log, output };
  if (spec.port !== undefined) return new AttachedFunction({ ...common, port: spec.port });
  return new SpawnedFunction({
    ...common,
    ...(settings.watchesCode && { watchedFolder: codeFolder(spec, settings.folder) }),
    plan: (runtimeApi) =>
      planProcess(
        { ...settings, functionName, spec, inherited: settings.env, now: clock.now() },
        runtimeApi,
      ),
  });
}
