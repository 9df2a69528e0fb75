/** Where a stage is reached. */
export interface StageAddress {
  readonly apiId: string;
  readonly stageName: string;
}

/** `http://127.0.0.1:4080/production`, with the apiId before it where two APIs have that stage. */
export function stageUrl(base: string, stage: StageAddress, all: readonly StageAddress[]): string {
  const isAlone = all.filter(({ stageName }) => stageName === stage.stageName).length === 1;
  return isAlone ? `${base}/${stage.stageName}` : `${base}/${stage.apiId}/${stage.stageName}`;
}

export interface WelcomeOptions {
  /** The gateway's public base. */
  readonly url: string;
  readonly region: string;
  readonly stages: readonly StageAddress[];
  /** apiId → name, where it is known. */
  readonly names: ReadonlyMap<string, string>;
  /** The certificate to trust for https and wss; absent where it does not outlive the gateway. */
  readonly caFile?: string;
  /** Absent where the console is not built. */
  readonly consoleUrl?: string;
}

/** What `postern dev` prints below the ready line: each stage's addresses, and what to try first. */
export function welcome(options: WelcomeOptions): string {
  const { url, stages, names, consoleUrl } = options;
  if (stages.length === 0) return nothingYet(url, consoleUrl);
  const blocks = stages.map((stage) => {
    const endpoint = stageUrl(url, stage, stages);
    const name = names.get(stage.apiId);
    return `  ${name === undefined ? '' : `${name} · `}API ${stage.apiId} · stage ${stage.stageName}
    browser       new WebSocket('${endpoint.replace(/^http/, 'ws')}')
    endpoint_url  ${endpoint}
`;
  });
  const push = pushHint(stageUrl(url, stages[0]!, stages), options.region);
  return `\n${blocks.join('\n')}\n${push}\n${tlsHint(options.caFile)}${consoleHint(consoleUrl)}\n`;
}

function consoleHint(url: string | undefined): string {
  return url === undefined ? '' : `\n  console       ${url}\n`;
}

function tlsHint(caFile: string | undefined): string {
  if (caFile === undefined) return '  https, wss    the same port, with a certificate of its own\n';
  return `  https, wss    the same port, trusted by whoever trusts ${caFile}
                (NODE_EXTRA_CA_CERTS, curl --cacert; for AWS_CA_BUNDLE, bundle.pem beside it)
`;
}

/** The SDKs sign every call, so they want a key to sign with: in dev any will do. */
function pushHint(endpoint: string, region: string): string {
  return `  push          curl -d hello ${endpoint}/@connections/CONNECTION_ID
                boto3.client('apigatewaymanagementapi', region_name='${region}',
                    endpoint_url='${endpoint}',
                    aws_access_key_id='any', aws_secret_access_key='any',
                ).post_to_connection(ConnectionId=connection_id, Data=b'hello')
`;
}

function nothingYet(url: string, consoleUrl: string | undefined): string {
  return `
  No API is deployed yet. One of these makes one:
    postern dev --backend http://localhost:3000
    postern.yaml, beside you: its apis are served as soon as the file is saved
    aws apigatewayv2 create-api --endpoint-url ${url} --name chat \\
      --protocol-type WEBSOCKET --route-selection-expression '$request.body.action'
${consoleHint(consoleUrl)}
`;
}
