/** The same push, as a backend would make it. */
export interface PushTarget {
  /** `http://127.0.0.1:4080/production` */
  readonly endpoint: string;
  readonly connectionId: string;
  readonly text: string;
  readonly region: string;
  readonly isDev: boolean;
}

export const pushLanguages = ['curl', 'boto3', 'SDK for JavaScript', 'aws CLI'] as const;
export type PushLanguage = (typeof pushLanguages)[number];

export function pushSample(language: PushLanguage, target: PushTarget): string {
  switch (language) {
    case 'curl':
      return curl(target);
    case 'boto3':
      return boto3(target);
    case 'aws CLI':
      return awsCli(target);
    case 'SDK for JavaScript':
      return javaScript(target);
  }
}

function curl({ endpoint, connectionId, text, region, isDev }: PushTarget): string {
  const signing = isDev
    ? []
    : [
        `--aws-sigv4 aws:amz:${region}:execute-api`,
        '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"',
      ];
  const note = isDev
    ? ''
    : '# curl 8.14 signs this path as AWS does; 7.88, in Debian 12, does not.\n';
  return [
    `${note}curl -X POST`,
    ...signing,
    `--data-binary ${quoted(text)}`,
    quoted(`${endpoint}/@connections/${encodeURIComponent(connectionId)}`),
  ].join(' \\\n  ');
}

function boto3({ endpoint, connectionId, text, region, isDev }: PushTarget): string {
  const anyKey = isDev ? ",\n    aws_access_key_id='any', aws_secret_access_key='any'" : '';
  return `import boto3

gateway = boto3.client(
    'apigatewaymanagementapi',
    endpoint_url='${endpoint}', region_name='${region}'${anyKey},
)
gateway.post_to_connection(
    ConnectionId='${connectionId}',
    Data=${JSON.stringify(text)}.encode(),
)`;
}

function javaScript({ endpoint, connectionId, text, region, isDev }: PushTarget): string {
  const anyKey = isDev ? "\n  credentials: { accessKeyId: 'any', secretAccessKey: 'any' }," : '';
  return `import {
  ApiGatewayManagementApiClient,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';

const gateway = new ApiGatewayManagementApiClient({
  endpoint: '${endpoint}',
  region: '${region}',${anyKey}
});
await gateway.send(new PostToConnectionCommand({
  ConnectionId: '${connectionId}',
  Data: ${JSON.stringify(text)},
}));`;
}

function awsCli({ endpoint, connectionId, text, region }: PushTarget): string {
  return `aws apigatewaymanagementapi post-to-connection \\
  --endpoint-url ${endpoint} --region ${region} \\
  --connection-id '${connectionId}' \\
  --cli-binary-format raw-in-base64-out \\
  --data ${quoted(text)}`;
}

/** For a POSIX shell. */
export const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
