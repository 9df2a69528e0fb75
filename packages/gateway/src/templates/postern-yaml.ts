import { z } from 'zod';
import { compileParameterMappings } from '../mapping/parameter-mapping.ts';
import { compileSelectionExpression } from '../mapping/selection-expression.ts';
import { compileUri } from '../mapping/uri-template.ts';
import { type ExtensionRow, readValue } from '../resources/extension-row.ts';
import { parseFunctionUri } from '../resources/function-reference.ts';
import {
  awsBehaviour,
  type ExtensionName,
  expected,
  extensionNames,
  stageExtensions,
} from '../resources/stage-extensions.ts';
import { customIdPattern } from '../resources/tags.ts';
import { limits } from '../wire/limits.ts';
import { functionsSchema } from './functions-yaml.ts';
import { strict } from './problem.ts';
import { apiResourcesShape, routeResourcesShape } from './resources-yaml.ts';
import { didYouMean } from './suggest.ts';
import { usersSchema } from './users-yaml.ts';

/**
 * `postern.yaml`, as people write it. `posternFile` turns it into what the gateway uses.
 * Settings (`port`, `data` …) stand beside these keys; the table of settings adds them.
 */
const text = (expected: string) => z.string({ error: expected });

const url = text('a URL')
  .regex(/^https?:\/\/\S+$/, { error: 'a URL that starts with http:// or https://' })
  .describe('Where the backend is: http or https. May hold stage variables, as on AWS.');

/** Name → mapping expression; the expressions are read here, so a slip is found with its line. */
const mapped = (destination: 'header' | 'querystring', description: string) =>
  z
    .record(z.string(), text("a mapping expression such as context.connectionId or 'text'"), {
      error: 'a mapping of names to mapping expressions',
    })
    .superRefine((entries, context) => {
      for (const [name, source] of Object.entries(entries)) {
        const key = `integration.request.${destination}.${name}`;
        explain(context, [name], () => compileParameterMappings({ [key]: source }));
      }
    })
    .describe(description);

const timeout = z
  .int({ error: 'whole milliseconds' })
  .min(limits.integrationTimeoutMillisMin, { error: 'at least 50 milliseconds' })
  .max(limits.integrationTimeoutMillisMax, { error: 'at most 29000 milliseconds' })
  .describe('Milliseconds until the backend must have answered, 50 to 29000. Default 29000.');

const longRoute = strict({
  url: url.optional(),
  function: text('the name of a Lambda function')
    .refine((name) => parseFunctionUri(name) !== undefined, {
      error: 'the name of a Lambda function',
    })
    .optional()
    .describe('Lambda function that receives the event (AWS_PROXY), in place of a URL.'),
  method: text('an HTTP method such as POST')
    .regex(/^[A-Z]+$/, { error: 'an HTTP method such as POST' })
    .optional()
    .describe('HTTP method of the call. Default POST.'),
  timeout: timeout.optional(),
  headers: mapped('header', 'Headers of this route, beside those of the API.').optional(),
  query: mapped('querystring', 'Query parameters added to the call.').optional(),
  twoWay: z
    .boolean({ error: 'true or false' })
    .optional()
    .describe("Whether the backend's answer is sent to the client. Default false."),
  ...routeResourcesShape,
}).superRefine((entry, context) => {
  const { url: target, function: name, integration } = entry;
  const backends = [target, name, integration].filter((each) => each !== undefined);
  if (backends.length > 1 || (backends.length === 0 && integration !== null)) {
    explain(context, [], () => fail('either url or function is needed, or integration'));
  }
  const [word, keys] =
    integration !== undefined
      ? ['integration: it says everything itself', ['method', 'headers', 'query', 'timeout']]
      : name !== undefined
        ? ['function: it gets the whole event', ['method', 'headers', 'query']]
        : ['', []];
  for (const key of keys as ('method' | 'headers' | 'query' | 'timeout')[]) {
    if (entry[key] === undefined) continue;
    explain(context, [key], () => fail(`has no meaning beside ${word}`));
  }
});

const route = z.union([url, longRoute], { error: 'a URL' });

const routes = z
  .record(text('a route key').min(1).max(128), route, { error: 'a mapping of route keys to URLs' })
  .superRefine((entries, context) => {
    const keys = Object.keys(entries);
    if (keys.length === 0) explain(context, [], () => fail('at least one route is needed'));
    for (const key of keys.filter((name) => name.startsWith('$') && !RESERVED.includes(name))) {
      const hint = didYouMean(key, RESERVED);
      explain(context, [key], () =>
        fail(`of the route keys that start with $ only ${RESERVED.join(', ')} exist${hint}`),
      );
    }
  })
  .describe('Route key → URL of the backend, or the long form.');

const RESERVED = ['$connect', '$disconnect', '$default'];

const stageVariables = z.record(
  text('a name').regex(/^\w{1,64}$/, { error: 'a name of letters, digits and _' }),
  text('text').regex(/^[A-Za-z0-9\-._~:/?#&=, ]{0,512}$/, {
    error: "text of letters, digits and -._~:/?#&=, (AWS's rule)",
  }),
  { error: 'a mapping of names to texts' },
);

/** The stage's settings, each held to the table that tags are held to. */
const settings = strict(
  Object.fromEntries(extensionNames.map((name) => [name, setting(name).optional()])) as {
    [Name in ExtensionName]: z.ZodOptional<z.ZodType<SettingValue>>;
  },
  'a mapping of settings to values',
);

type SettingValue = number | boolean | string | readonly string[];

function setting(name: ExtensionName): z.ZodType<SettingValue> {
  const row: ExtensionRow = stageExtensions[name];
  const aws = awsBehaviour[name];
  const isOff = row.kind === 'text' || row.kind === 'list';
  const unset = row.kind === 'number' ? row.unset?.words : undefined;
  const standard = `Default, as on AWS: ${isOff ? 'off' : aws}.`;
  const without = unset === undefined ? standard : `Default: ${unset}.`;
  return settingType(row, expected(name)).describe(`${row.sentence} ${without}`);
}

function settingType(row: ExtensionRow, error: string) {
  switch (row.kind) {
    case 'flag':
      return z.boolean({ error });
    case 'text':
      return z.string({ error }).regex(row.matches, { error });
    case 'list': {
      const item = z.string({ error }).regex(row.matches, { error });
      const isList = (text: string) => readValue(row, text) !== undefined;
      return z.union([z.array(item, { error }).min(1, { error }), z.string().refine(isList)], {
        error,
      });
    }
    case 'word':
      return z.enum(row.words, { error });
    case 'number':
      return z.int({ error }).min(row.min, { error }).max(row.max, { error });
  }
}

const api = strict({
  id: text('an id of 3 to 32 characters a-z and 0-9')
    .regex(customIdPattern, { error: 'an id of 3 to 32 characters a-z and 0-9' })
    .optional()
    .describe('apiId. Default: ten characters derived from the name, always the same.'),
  stage: text('a stage name')
    .regex(/^[A-Za-z0-9_-]{1,128}$/, { error: 'a stage name of letters, digits, _ and -' })
    .optional()
    .describe('Default production.'),
  routeSelectionExpression: text('a selection expression such as $request.body.action')
    .superRefine((source, context) =>
      explain(context, [], () => compileSelectionExpression(source)),
    )
    .optional()
    .describe('Picks the route of a message. Default $request.body.action.'),
  headers: mapped(
    'header',
    'Headers sent to every route. Default: connectionId: context.connectionId.',
  ).optional(),
  stageVariables: stageVariables
    .optional()
    .describe('Values that URLs and mapping expressions may name.'),
  settings: settings.optional().describe('Where the stage differs from AWS.'),
  ...apiResourcesShape,
  routes,
}).superRefine((entry, context) => {
  for (const key of ['stage', 'stageVariables', 'settings'] as const) {
    if (entry[key] === undefined || entry.stages === undefined) continue;
    explain(context, [key], () => fail('has no meaning beside stages'));
  }
  const { settings = {} } = entry;
  const missing = JWT_SETTINGS.filter((name) => settings[name] === undefined);
  const given = JWT_SETTINGS.find((name) => settings[name] !== undefined);
  if (given !== undefined && missing.length > 0) {
    explain(context, ['settings', given], () => fail(`needs ${missing.join(' and ')} beside it`));
  }
  for (const [key, value] of Object.entries(entry.routes)) {
    if (typeof value === 'string') continue;
    const named = typeof value.integration === 'string' ? value.integration : undefined;
    assertNamed(context, ['routes', key, 'integration'], named, entry.integrations);
    assertNamed(context, ['routes', key, 'authorizer'], value.authorizer, entry.authorizers);
  }
  const variables = entry.stageVariables ?? variablesOf(entry.stages);
  for (const [key, value] of Object.entries(entry.routes)) {
    const path = typeof value === 'string' ? ['routes', key] : ['routes', key, 'url'];
    const target = typeof value === 'string' ? value : value.url;
    if (target === undefined) continue;
    explain(context, path, () => compileUri(target, variables));
  }
});

/** With some of them and not the others nobody would be let in. */
const JWT_SETTINGS = ['jwtIssuer', 'jwtAudience', 'jwtKeys'] as const;

const apis = z
  .record(text('a name').min(1).max(128), api, { error: 'a mapping of names to APIs' })
  .superRefine((entries, context) => {
    const named = Object.entries(entries).filter(([, entry]) => entry.id !== undefined);
    for (const [index, [name, { id }]] of named.entries()) {
      const other = named.slice(0, index).find(([, entry]) => entry.id === id);
      if (other) explain(context, [name, 'id'], () => fail(`apis.${other[0]} has this id too`));
    }
  });

/** The keys of `postern.yaml` beside the settings. */
export const posternShape = {
  apis: apis.optional().describe('APIs this gateway serves, by name.'),
  services: z
    .record(text('a service name such as sqs'), url, { error: 'a mapping of services to URLs' })
    .optional()
    .describe('Endpoints of AWS services that integrations of type AWS call, by name.'),
  functions: functionsSchema.optional().describe('Lambda functions, by name or ARN.'),
  users: usersSchema.optional().describe('Who may call @connections and the control plane.'),
};

export type ApiEntry = z.output<typeof api>;
export type RouteEntry = z.output<typeof route>;
export type PosternEntries = {
  [K in keyof typeof posternShape]: z.output<(typeof posternShape)[K]>;
};

/** A variable counts as set when any stage sets it. */
function variablesOf(stages: Readonly<Record<string, unknown>> = {}): Record<string, string> {
  const all = Object.values(stages) as { stageVariables?: Record<string, string> }[];
  return Object.assign({}, ...all.map(({ stageVariables: each }) => each));
}

function assertNamed(
  context: z.core.$RefinementCtx,
  path: string[],
  name: string | undefined,
  entries: object | undefined = {},
): void {
  if (name === undefined || Object.hasOwn(entries, name)) return;
  const hint = didYouMean(name, Object.keys(entries));
  explain(context, path, () => fail(`there is no ${path.at(-1)} ${name}${hint}`));
}

/** Runs a check that throws, and files what it says under `path`. */
function explain(context: z.core.$RefinementCtx, path: (string | number)[], check: () => void) {
  try {
    check();
  } catch (error) {
    context.addIssue({ code: 'custom', path, message: (error as Error).message });
  }
}

function fail(message: string): never {
  throw new Error(message);
}
