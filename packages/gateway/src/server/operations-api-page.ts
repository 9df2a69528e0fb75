import type { Operation, Parameter } from '../operations/operation.ts';
import { operations } from '../operations/operations.ts';

/** `docs/operations-api.md`, from the table of operations. */
export function operationsApiPage(): string {
  return `${INTRODUCTION}
| operation | request |
|---|---|
${operations.map((row) => `| [${row.operation}](#${row.operation.toLowerCase()}) | \`${requestOf(row)}\` |`).join('\n')}

${operations.map(section).join('\n')}`;
}

const requestOf = ({ method, path }: Operation) => `${method} /@api${path}`;

function section(row: Operation): string {
  const { operation, sentence, query = [], body = [] } = row;
  const parts = [`## ${operation}`, `\`${requestOf(row)}\``, sentence];
  if (query.length > 0) parts.push(table('in the query', query));
  if (body.length > 0) parts.push(table('in the JSON body', body));
  return `${parts.join('\n\n')}\n`;
}

function table(where: string, parameters: readonly Parameter[]): string {
  const rows = parameters.map(({ name, sentence }) => `| \`${name}\` | ${sentence} |`);
  return `| ${where} | |\n|---|---|\n${rows.join('\n')}`;
}

const INTRODUCTION = `# Operations API

<!-- Made from the table the requests are served by (packages/gateway/src/operations/operations.ts). A test
holds this page to it; to renew the page:
npx vitest run -u packages/gateway/test/server/operations-api-page.test.ts -->

What the console and the commands ask a running gateway, and what you may ask it too: HTTP and JSON below
\`/@api\`, where no stage can be. AWS has nothing like it.

**Who may.** \`postern dev\` answers anyone on this machine, and of browsers only pages of this machine. \`postern
start\` wants what the control plane wants: a Signature Version 4 for the service \`apigateway\`, or
\`Authorization: Bearer …\` with one of the \`tokens\` of a user in \`postern.yaml\`. Then the user's policies decide.
Each operation is an action of its own, \`postern:ListConnections\` and so on, on the resource
\`arn:aws:apigateway:{region}::/@api/…\` with the path of the request; what no policy allows is denied, and
\`apigateway:*\` allows none of them.

\`\`\`yaml
users:
  - name: operator
    tokens: [{ env: OPERATOR_TOKEN }]       # at least 16 characters
    policies:
      - Version: '2012-10-17'
        Statement:
          - { Effect: Allow, Action: ['postern:List*', 'postern:Get*', 'postern:Count*'], Resource: '*' }
\`\`\`

**Answers** are JSON, times ISO 8601 in UTC. Refusals have AWS's form, \`{"message": …}\` with the exception's name
in \`x-amzn-ErrorType\`: 400 for what makes no sense, 403 for who may not, 404 for an operation or an API there
is not, 410 for a connection that is gone. \`node\` names the process that answers, by the bytes at the head of its
connections' ids.

**Several nodes** (workers, or gateways on one Redis) answer as one: lists, counts, metrics, failures and the trace are those of
all, and an operation on a connection is carried out where it lives. A node that does not answer within 5 seconds is
named under \`silent\`.
`;
