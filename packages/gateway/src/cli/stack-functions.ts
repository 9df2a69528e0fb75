/** The functions of a deployed stack, as the gateway is told of them. */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { FunctionSpec } from '../backends/lambda/function-spec.ts';
import {
  removeStackFunctions,
  type StackFunctions,
  writeInlineCode,
  writeStackFunctions,
} from '../server/function-folder.ts';
import { settle } from '../templates/cloudformation/deferred.ts';
import { textOf } from '../templates/cloudformation/intrinsic.ts';
import type { StackTemplate, TemplateFunction } from '../templates/stack/stack-template.ts';
import type { FinishedStack } from '../templates/template-deployment.ts';

/**
 * Writes the functions of a stack into the folder its gateway reads. Returns `functionProblems`.
 * `folder`: see `functionFolder`.
 */
export function installFunctions(folder: string, stack: FinishedStack): string[] {
  const { stackName, template, unit, entries } = stack;
  const functions: Record<string, FunctionSpec> = {};
  // Code that an earlier template held must not outlive it.
  removeStackFunctions(folder, stackName);
  for (const one of template.functions) {
    const code = codeFolder(folder, stackName, one);
    if (code !== undefined) functions[one.name] = specOf(one, code, stack);
  }
  for (const [name, spec] of Object.entries(unit.functions ?? {})) {
    const code = resolve(unit.template.folder, spec.code ?? '.');
    functions[name] =
      spec.endpoint === undefined && spec.port === undefined ? { ...spec, code } : spec;
  }
  const apiIds = entries.filter(({ type }) => type.endsWith('::Api')).map(({ id }) => id);
  writeStackFunctions(folder, stackName, { functions, apiIds } satisfies StackFunctions);
  return functionProblems(template);
}

/** A sentence for each function that does not run here, or not yet, and what to do. */
export function functionProblems({ functions }: Pick<StackTemplate, 'functions'>): string[] {
  const sentences = functions.flatMap((one) => {
    const { name, code } = one;
    if (code.kind === 'elsewhere') return [`${name} does not run here: ${code.reason}`];
    const missing = code.kind === 'folder' ? missingHandler(code.folder, one) : undefined;
    return missing === undefined ? [] : [`${name}: ${missing}`];
  });
  return functions.some(({ code }) => code.kind === 'elsewhere')
    ? [...sentences, ELSEWHERE_ADVICE]
    : sentences;
}

const ELSEWHERE_ADVICE =
  'Functions that run elsewhere are called there: functions.NAME.endpoint of postern.yaml, or --lambda-endpoint.';

function codeFolder(folder: string, stack: string, one: TemplateFunction): string | undefined {
  const { code, logicalId, handler = 'index.handler', runtime = 'nodejs' } = one;
  if (code.kind === 'folder') return code.folder;
  if (code.kind === 'elsewhere') return undefined;
  const module = handler.slice(0, handler.lastIndexOf('.')) || 'index';
  const file = `${module}.${runtime.startsWith('python') ? 'py' : 'js'}`;
  return dirname(join(writeInlineCode(folder, stack, logicalId, file, code.text), file));
}

const ENDINGS = ['.js', '.mjs', '.cjs', '.py', ''];

/** A handler that was not built yet: it may still be, so this is a hint and no obstacle. */
function missingHandler(
  code: string,
  { handler, runtime = '' }: TemplateFunction,
): string | undefined {
  if (handler === undefined || runtime.startsWith('provided')) return undefined;
  const module = handler.slice(0, handler.lastIndexOf('.'));
  if (ENDINGS.some((ending) => existsSync(join(code, `${module}${ending}`)))) return undefined;
  const isTypeScript = existsSync(join(code, `${module}.ts`));
  const because = isTypeScript ? `${module}.ts has to be compiled first` : 'is it built?';
  return `there is no ${join(code, module)}.js or .py: ${because}`;
}

/** Lambda sets these itself. */
const RESERVED =
  /^(?:_HANDLER|_X_AMZN_TRACE_ID|LAMBDA_TASK_ROOT|AWS_EXECUTION_ENV|AWS_LAMBDA_\w+)$/;

function specOf(one: TemplateFunction, code: string, { lookup }: FinishedStack): FunctionSpec {
  const { handler, runtime, environment, timeoutSeconds, memoryMegabytes } = one;
  const variables = Object.entries(environment).flatMap(([name, value]) => {
    const text = RESERVED.test(name) ? undefined : textOf(known(value, lookup));
    return text === undefined ? [] : [[name, text] as const];
  });
  return {
    code,
    ...(handler !== undefined && { handler }),
    ...(runtime !== undefined && { runtime }),
    environment: Object.fromEntries(variables),
    ...(timeoutSeconds !== undefined && { timeout: timeoutSeconds }),
    ...(memoryMegabytes !== undefined && { memorySize: memoryMegabytes }),
  };
}

/** What speaks of a resource that was passed over is left out. */
function known(value: unknown, lookup: FinishedStack['lookup']): unknown {
  try {
    return settle(value, lookup);
  } catch {
    return undefined;
  }
}
