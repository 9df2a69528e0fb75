import { z } from 'zod';
import { type FunctionSpec, placeOf } from '../backends/lambda/function-spec.ts';
import { lambdaLimits } from '../backends/lambda/limits.ts';
import { parseFunctionUri } from '../resources/function-reference.ts';
import { strict } from './problem.ts';

/** `functions` of `postern.yaml`: Lambda functions by name, and where each of them runs. */
const text = (expected: string) => z.string({ error: expected }).min(1, { error: expected });

const environment = z
  .record(
    text('a name').regex(/^[A-Za-z_]\w*$/, { error: 'a name of letters, digits and _' }),
    z.string({ error: 'text, in quotes if need be' }),
    { error: 'a mapping of names to texts' },
  )
  .superRefine((entries, context) => {
    for (const name of Object.keys(entries).filter((key) => RESERVED.test(key))) {
      const message = 'Lambda sets this variable itself: leave it out';
      context.addIssue({ code: 'custom', path: [name], message });
    }
  });

const RESERVED =
  /^(?:_HANDLER|_X_AMZN_TRACE_ID|LAMBDA_TASK_ROOT|AWS_EXECUTION_ENV|AWS_LAMBDA_\w+)$/;

const wholeNumber = (min: number, max: number, unit: string) => {
  const error = `a whole number of ${unit} from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};

const functionEntry = strict({
  handler: text('a handler such as index.handler')
    .optional()
    .describe('File, without its ending, and function: index.handler, handlers/chat.handler.'),
  runtime: text('a runtime such as nodejs22.x')
    .regex(/^(?:nodejs|python|provided)[\w.]*$/, {
      error: 'a runtime that begins with nodejs, python or provided',
    })
    .optional()
    .describe('nodejs…, python… or provided. Default: told by the file of the handler.'),
  code: text('a folder')
    .optional()
    .describe('Folder of the code, relative to this file. Default: that of this file.'),
  environment: environment.optional().describe('Environment variables of the function.'),
  timeout: wholeNumber(1, lambdaLimits.timeoutSecondsMax, 'seconds')
    .optional()
    .describe('Seconds until the function is ended, 1 to 900. Default 3.'),
  memorySize: wholeNumber(128, 10_240, 'megabytes')
    .optional()
    .describe('Told to the function, and not enforced. Default 128.'),
  endpoint: text('a URL')
    .regex(/^https?:\/\/\S+$/, { error: 'a URL that starts with http:// or https://' })
    .optional()
    .describe('Lambda endpoint of this function, in place of the code.'),
  command: z
    .array(text('text'), { error: 'a list of texts' })
    .min(1, { error: 'a program and its arguments' })
    .optional()
    .describe('Starts a provided runtime. Default ./bootstrap in the folder of the code.'),
  port: wholeNumber(1, 65_535, 'the port')
    .optional()
    .describe('Where a provided runtime that you start yourself finds the Lambda Runtime API.'),
}).superRefine((entry, context) => {
  const place = placeOf(entry as FunctionSpec);
  for (const key of MEANINGLESS[place]) {
    const message = `has no meaning beside ${place === 'endpoint' ? 'endpoint' : 'port'}`;
    if (entry[key] !== undefined) context.addIssue({ code: 'custom', path: [key], message });
  }
  const needsHandler =
    place === 'spawned' && !entry.command && !entry.runtime?.startsWith('provided');
  if (!needsHandler || entry.handler !== undefined) return;
  const message = 'missing: expected handler, or endpoint, or a provided runtime';
  context.addIssue({ code: 'custom', path: [], message });
});

/** Keys that say nothing about a function that runs elsewhere. */
const MEANINGLESS = {
  endpoint: ['handler', 'runtime', 'code', 'environment', 'timeout', 'command', 'port'],
  attached: ['code', 'environment', 'command'],
  spawned: [],
} as const;

export const functionsSchema = z
  .record(text('a name').max(256), functionEntry, { error: 'a mapping of names to functions' })
  .superRefine((entries, context) => {
    const seen = new Map<string, string>();
    for (const key of Object.keys(entries)) {
      const name = functionNameOf(key);
      const twin = name && seen.get(name);
      const message = name
        ? `functions.${twin} is this function too`
        : 'not a function name or ARN';
      if (!name || twin) context.addIssue({ code: 'custom', path: [key], message });
      else seen.set(name, key);
    }
  });

export type FunctionEntry = z.output<typeof functionEntry>;

/** A function has a name or an ARN; its versions and aliases are all the same code here. */
function functionNameOf(key: string): string | undefined {
  const reference = parseFunctionUri(key);
  return reference?.qualifier === undefined ? reference?.functionName : undefined;
}

/** The functions under their names, where the file may have ARNs. */
export function functionsByName(
  entries: Readonly<Record<string, FunctionEntry>>,
): Readonly<Record<string, FunctionSpec>> {
  return Object.fromEntries(
    Object.entries(entries).map(([key, entry]) => [functionNameOf(key)!, given(entry)]),
  );
}

/** The parts that are there: `undefined` is not one of a specification's values. */
function given(entry: FunctionEntry): FunctionSpec {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
}
