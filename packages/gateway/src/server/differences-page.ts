import type { ExtensionRow } from '../resources/extension-row.ts';
import { EXTENSION_TAG_PREFIX, stageExtensions } from '../resources/stage-extensions.ts';

/** `docs/differences-from-aws.md`, from the table of a stage's own settings. */
export function differencesPage(): string {
  const rows = Object.entries(stageExtensions).map(([name, row]) => settingRow(name, row));
  return `${INTRODUCTION}
| setting | values | AWS | |
|---|---|---|---|
${rows.join('\n')}
${DETAILS}`;
}

function settingRow(name: string, row: ExtensionRow): string {
  const isWord = row.kind === 'text' || row.kind === 'list';
  const aws = isWord ? 'off' : `\`${row.aws}\``;
  const values = valuesOf(row);
  return `| \`${name}\` | ${values} | ${aws} | ${row.sentence} |`;
}

function valuesOf(row: ExtensionRow): string {
  switch (row.kind) {
    case 'flag':
      return '`true`, `false`';
    case 'text':
    case 'list':
      return row.values;
    case 'word':
      return row.words.map((one) => `\`${one}\``).join(', ');
    case 'number':
      return `${row.min.toLocaleString('en')} to ${row.max.toLocaleString('en')} ${row.unit}`;
  }
}

const INTRODUCTION = `# Where a stage may differ from AWS

<!-- Made from the table of a stage's settings (packages/gateway/src/resources/stage-extensions.ts). A
test holds this page to it; to renew the page:
npx vitest run -u packages/gateway/test/server/reference-page.test.ts -->

Without any of these settings a stage behaves as on Amazon API Gateway, but for one thing: \`$disconnect\` is
told again when its backend did not answer 2xx ([below](#in-detail)). Each of them belongs to one stage,
and is a tag of that stage whose name starts with \`${EXTENSION_TAG_PREFIX}\`: every AWS tool can write a tag. What
is written for Postern with them may not run on AWS: there the tags are stored and change nothing.
`;

const DETAILS = `
## Writing a setting

In \`postern.yaml\`; a setting that is removed there is AWS's again:

\`\`\`yaml
apis:
  chat:
    settings: { idleTimeoutSeconds: 0, binaryFrames: true }
    routes:
      $default: http://localhost:3000/ws/message
\`\`\`

With the aws CLI, or as \`tags\` of \`create-stage\`, or as \`Tags\` of a stage in a template:

\`\`\`sh
aws apigatewayv2 tag-resource --endpoint-url http://127.0.0.1:4080 \\
  --resource-arn arn:aws:apigateway:us-east-1::/apis/chatchatch/stages/production \\
  --tags ${EXTENSION_TAG_PREFIX}idleTimeoutSeconds=0,${EXTENSION_TAG_PREFIX}binaryFrames=true
\`\`\`

A \`${EXTENSION_TAG_PREFIX}\` tag of a stage that is no setting, or has no valid value, is refused with 400. On an API, such
a tag is a tag like any other.

## Seeing it

Every answer about the stage (\`GetStage\`, \`GetStages\`, \`CreateStage\`, \`UpdateStage\`) has what differs under
one member, which is absent where nothing does. AWS's tools leave unknown members out of what they
print; \`curl\` shows it:

\`\`\`json
"x-postern": {
  "idleTimeoutSeconds": 0,
  "binaryFrames": true,
  "differsFromAws": ["idleTimeoutSeconds", "binaryFrames"]
}
\`\`\`

## Beside the settings of a stage

**Authorizers that are URLs**, with \`httpAuthorizers: true\` of the gateway. \`authorizerUri\` of an authorizer may
then be an http or https URL: the endpoint receives, as the body of a POST, the event that a Lambda authorizer
receives, and answers 200 with what such a function returns. 401 is to it what throwing \`Unauthorized\` is to
a function, 403 a policy that denies; anything else is a failure, 500 to the client. Without the setting
such a URL is refused in AWS's words, with \`lenient\` it is taken. An authorizer that has one shows
\`"x-postern": { "differsFromAws": ["authorizerUri"] }\`. [Who may connect](guides/authorization.md) shows one.

**One message to many connections.** \`POST /{stage}/@connections\`, without a connectionId, pushes its body to every
connection of the stage, or to those that the query selects, and says how many it reached. AWS answers 403
(\`Missing Authentication Token\`) there, and wants a call for each connection.
[One message to many](guides/fan-out.md) has the request, the answer, and who may.

## When it takes effect

At once, without a deployment, for connections that are open as well. Two stay as they were when the client
connected: the size of what it may send (\`frameBytesMax\`, \`messageBytesMax\`), and \`permessageDeflate\`.

## In detail

- **Lists** are written with spaces between their entries in a tag, and as a list or such a text in \`postern.yaml\`.
- **API keys in the query.** The parameter is read where \`apiKeySelectionExpression\` is the header's. Backends and
  authorizers get its value as \`***\`; the key itself is \`context.identity.apiKey\`, as on AWS. Access logs of the stage
  show the end of it only; data traces of execution logs, and the console, show no more of any key.
- **Origins** are compared whole; \`https://*.example.com\` is every host below \`example.com\`, and not \`example.com\`. The
  check guards the users of browsers against foreign pages: whoever writes a client can write any \`Origin\`.
- **Tokens.** A stage with \`jwtIssuer\`, \`jwtAudience\` and \`jwtKeys\` verifies one at every handshake, before the
  authorizer and the API key of its \`$connect\` route, which see the claims. Signatures are RS, PS, ES (256, 384, 512) or
  EdDSA; \`exp\` must be there, and clocks may differ by 5 seconds. With one of the three missing, or keys that cannot be
  had, nobody comes in: 500. Lists and objects become JSON text in the context. Keys behind a URL are kept for ten
  minutes, and fetched again when a token names a new one, twice a minute at most. While their issuer cannot be reached,
  answers anything but 200 or no keys, those that this process knows are used on, for 24 hours after they last came,
  and the log warns of it; a token of a key that is not among them is answered 500. A file is read again after ten
  seconds. A token behind a sub-protocol, \`new WebSocket(url, ['bearer', token])\` with \`protocol.bearer\`, is
  answered with that sub-protocol unless the backend chooses another.
- **Addresses.** The client's, as \`trustedProxies\` tell it. An IPv6 address counts as its /64 network. Connections
  count from when the setting was written, and each node of a cluster counts its own.
- **Sizes.** A backend's answer has at most 10 MB, a Lambda function's 6 MB, whatever \`messageBytesMax\` says.
  Messages longer than AWS's 128 KB count towards \`messagesInFlightMax\` by their length.
- **Binary.** There is no place in \`PostToConnection\` to say what is binary, and the SDKs set a
  \`Content-Type\` of their own; so the bytes decide: what is valid UTF-8 goes out as text.
- **Order.** Messages that wait for their turn count towards \`messagesInFlightMax\`; at the limit the client is
  not read. A message's turn lasts until its integration has answered or timed out.
- **Pushes during \`$connect\`.** Up to 100 wait, and as many bytes as \`sendQueueBytesMax\`; one more is 429.
  \`GET\` and \`DELETE\` answer 410 until the 101.
- **Pings.** A client that has sent not a single byte since the last ping is dropped when the next is due.
  Its \`$disconnect\` says 1006.
- **Compression.** Messages of 1 KB and more, each on its own (\`no_context_takeover\`), with a window of 8 KB.
  An offer that cannot be taken up is declined, and the client let in. What inflates beyond
  \`messageBytesMax\` is not inflated further: 1009.
- **\`$disconnect\`.** AWS tries once. Here it is tried again until it is answered 2xx, and survives the death of
  the process: [how, and when it is told twice](guides/operations.md#disconnect-is-told). A first attempt is
  exactly AWS's; every further one carries \`X-Postern-Retry: 1\`, \`2\` … (for Lambda, among \`headers\` of the
  event; for templates and mapped parameters, \`$context.posternRetry\`).
- **Slow clients.** Up to \`sendQueueBytesMax\` bytes and \`sendQueueMessagesMax\` messages wait for a client. What is
  already on its way to the network cannot be dropped: where nothing else waits, \`dropOldest\` answers 429 as
  well. A client that has read nothing for 30 seconds of a full queue is closed with 1008, whatever the setting.
  Each 429 says which it is: \`x-postern-reason: slow-client\` or \`throttled\`.
`;
