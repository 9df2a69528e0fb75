import { z } from 'zod';
import { configFileSchema } from './config-file.ts';
import type { Setting } from './setting.ts';
import { allSettings, environmentNameOf, flagOf, type SettingKey } from './settings.ts';

/** `docs/configuration.md`, from the table of settings and the schema of `postern.yaml`. */
export function referencePage(): string {
  const rows = allSettings().map(([key, row]) => settingRow(key, row));
  return `${INTRODUCTION}
| \`postern.yaml\` | flag | environment | default | |
|---|---|---|---|---|
${rows.join('\n')}
${POSTERN_YAML}`;
}

/** `docs/postern.schema.json`: gives editors completion and checks for `postern.yaml`. */
export function schemaDocument(): string {
  const schema = z.toJSONSchema(configFileSchema, { io: 'input' });
  const text = JSON.stringify({ title: 'postern.yaml', ...schema }, null, 2);
  // Short lists on one line, as the formatter of this repository has them.
  const lists = /\[\n\s+([^[\]{}]*?)\n\s+\]/g;
  return `${text.replace(lists, (_, items: string) => `[${items.replace(/\n\s+/g, ' ')}]`)}\n`;
}

function settingRow(key: SettingKey, row: Setting<unknown>): string {
  const name = row.isInFile === false ? '' : `\`${key}\``;
  const { placeholder } = row.type;
  const flag = `\`--${flagOf(key)}${placeholder === undefined ? '' : ` ${placeholder}`}\``;
  const only = row.only ? `\`postern ${row.only}\` only. ` : '';
  const cells = [name, flag, `\`${environmentNameOf(key)}\``, defaultText(row)];
  return `| ${cells.join(' | ')} | ${only}${row.sentence} |`;
}

function defaultText(row: Setting<unknown>): string {
  if (row.default === undefined || row.default === '') return '';
  return `\`${row.default}\`${row.unit ? ` ${row.unit}` : ''}`;
}

const INTRODUCTION = `# Configuration

<!-- Made from the table of settings (packages/gateway/src/server/settings.ts). A test holds this page
to it; to renew the page: npx vitest run -u packages/gateway/test/server/reference-page.test.ts -->

A setting is looked for on the command line, then in the environment, then in \`postern.yaml\`, and
has a default. Switches are turned off with \`--no-…\`, or \`false\`.

## Settings
`;

const POSTERN_YAML = `
## postern.yaml

\`postern.yaml\` in the working directory, or the file \`--config\` names. It may hold any setting of the
table above, the APIs to serve, Lambda functions, endpoints of AWS services, and the users who may call
\`@connections\` and the control plane. An unknown key is an error, told with its path and line.
\`postern dev\` reads the file again when it changes; a file it cannot use leaves everything as it was.

For completion and checks in an editor, begin the file with
\`# yaml-language-server: $schema=…/docs/postern.schema.json\`.

\`\`\`yaml
port: 4080
apis:
  chat:
    id: chatchatch                        # default: ten characters derived from the name
    stage: production                     # default
    routeSelectionExpression: $request.body.action            # default
    headers: { connectionId: context.connectionId }           # default, sent to every route
    stageVariables: { backend: localhost:3000 }
    settings: { idleTimeoutSeconds: 0 }   # where the stage differs from AWS
    routes:
      $connect: http://localhost:3000/ws/connect              # short form: a URL
      $disconnect: http://localhost:3000/ws/disconnect
      $default:                                               # long form
        url: http://\${stageVariables.backend}/ws/message
        method: POST                      # default
        timeout: 29000                    # milliseconds, 50 to 29000; default 29000
        headers: { user: context.authorizer.principalId }     # beside those of the API
        query: { stage: context.stage }
        twoWay: false                     # true sends the backend's answer to the client
      sendMessage: { function: chat }     # a Lambda function; it takes timeout and twoWay, too
functions:
  chat:                                   # a name, or the ARN of a function
    handler: index.handler                # file, without its ending, and function
    runtime: nodejs22.x                   # nodejs…, python… or provided; default: told by the file
    code: ./functions/chat                # folder, relative to this file; default: its folder
    environment: { TABLE: connections }
    timeout: 3                            # seconds, 1 to 900; default 3
    memorySize: 128                       # megabytes; told to the function, not enforced
  native:
    runtime: provided.al2023
    command: [./bin/native, --serve]      # default: ./bootstrap
  debugged:
    runtime: provided
    port: 9001                            # a runtime you start yourself finds the Runtime API here
  elsewhere:
    endpoint: http://localhost:4566       # called there instead
services:
  sqs: http://localhost:9324              # where integrations of type AWS call a service
users:
  - name: backend
    accessKeys:
      - accessKeyId: AKIAIOSFODNN7EXAMPLE
        secretAccessKey: { env: BACKEND_SECRET }              # or text, or { file: PATH }
        enabled: true                     # default
        expiration: "2027-12-31T00:00:00Z"  # default: never
    tokens: [{ env: BACKEND_TOKEN }]      # bearer tokens for the console, /@api and the control plane
    policies:
      - Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Action: execute-api:ManageConnections
            Resource: arn:aws:execute-api:us-east-1:000000000000:chatchatch/production/POST/@connections/*
\`\`\`

- Beside these keys an API, a route and a stage take whatever the control plane knows of them, under the wire's
  names: [below](#under-the-wires-names).
- Values of \`headers\` and \`query\` are mapping expressions, as in \`requestParameters\` of an
  integration: \`context.…\`, \`route.request.…\`, \`stageVariables.…\` or \`'text'\`.
- \`headers\` of an API replace the default; those of a route are added to the API's.
- \`settings\` are listed in [differences-from-aws.md](differences-from-aws.md).
- The file is the truth about its APIs: what it no longer names is removed, and changes made to them by
  other means are undone when it is next applied. APIs made by other means are left alone.
- [Lambda functions](guides/lambda.md) has more on \`functions\`. \`nodejs…\` is the Node.js that runs the
  gateway, \`python…\` the \`python3\` on the path; any other program speaks the Lambda Runtime API.
- A service that \`services\` does not name is called where \`AWS_ENDPOINT_URL_…\` (such as
  \`AWS_ENDPOINT_URL_SQS\`) says, or else at Amazon.
- \`{ file: PATH }\` is relative to the folder of \`postern.yaml\`; the file's first line counts.
- A token has at least 16 characters and stands for its user, whose policies decide
  ([operations API](operations-api.md)). \`@connections\` takes signatures only, as on AWS.
- \`postern start\` verifies every signature against these users. It does not listen beyond this machine
  without them. It reads them again when the file, or one that a secret is in, changes, and on SIGHUP
  ([keys that change](guides/authorization.md#keys-that-change)); everything else waits for a restart.

## Under the wire's names

Models, authorizers, integrations of every type and stages, with the fields of [operations.md](operations.md):

\`\`\`yaml
apis:
  orders:
    models:
      Order: { schema: { type: object, required: [item] } }
    authorizers:
      doorman: { function: doorman, identitySource: [route.request.querystring.token] }
    integrations:
      pong:
        integrationType: MOCK
        requestTemplates: { $default: '{"statusCode": 200}' }
        responses:
          $default: { responseTemplates: { $default: '{"pong": true}' } }
    stages:                               # in place of stage, stageVariables and settings
      production:
        defaultRouteSettings: { throttlingRateLimit: 100, throttlingBurstLimit: 50 }
    routes:
      $connect: { integration: pong, authorizer: doorman }
      ping: { integration: pong, twoWay: true }
      order:
        function: orders
        modelSelectionExpression: $request.body.action
        requestModels: { order: Order }
functions:
  doorman: { handler: doorman.handler }
  orders: { handler: index.handler }
\`\`\`
`;
