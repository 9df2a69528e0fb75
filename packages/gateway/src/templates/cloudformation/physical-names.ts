/**
 * What `Ref` and `Fn::GetAtt` give of resources that this gateway does not make. A template asks for them
 * in environment variables, URIs and ARNs; what it gets has the right shape and is always the same.
 */
import { type Dictionary, own } from '../../resources/record.ts';
import { textOf } from './intrinsic.ts';
import type { Environment } from './pseudo-parameters.ts';

export interface OtherResource {
  readonly logicalId: string;
  readonly type: string;
  /** Worked out, as far as they are known. */
  readonly properties: Dictionary<unknown>;
}

interface Shape {
  /** The service and the rest of the ARN, after region and account. */
  readonly arn: readonly [service: string, before: string, after?: string];
  /** What `Ref` gives. Default: the name. */
  readonly ref?: 'arn' | 'url';
}

/** Types whose ARN, or whose `Ref`, follows no common rule. */
const SHAPES: Readonly<Record<string, Shape>> = {
  'AWS::CertificateManager::Certificate': { arn: ['acm', 'certificate/'], ref: 'arn' },
  'AWS::Cognito::UserPool': { arn: ['cognito-idp', 'userpool/'] },
  'AWS::DynamoDB::GlobalTable': { arn: ['dynamodb', 'table/'] },
  'AWS::DynamoDB::Table': { arn: ['dynamodb', 'table/'] },
  'AWS::Events::EventBus': { arn: ['events', 'event-bus/'] },
  'AWS::KMS::Key': { arn: ['kms', 'key/'] },
  'AWS::Kinesis::Stream': { arn: ['kinesis', 'stream/'] },
  'AWS::KinesisFirehose::DeliveryStream': { arn: ['firehose', 'deliverystream/'] },
  'AWS::Logs::LogGroup': { arn: ['logs', 'log-group:', ':*'] },
  'AWS::SNS::Topic': { arn: ['sns', ''], ref: 'arn' },
  'AWS::SQS::Queue': { arn: ['sqs', ''], ref: 'url' },
  'AWS::SecretsManager::Secret': { arn: ['secretsmanager', 'secret:'], ref: 'arn' },
  'AWS::Serverless::SimpleTable': { arn: ['dynamodb', 'table/'] },
  'AWS::Serverless::StateMachine': { arn: ['states', 'stateMachine:'], ref: 'arn' },
  'AWS::StepFunctions::StateMachine': { arn: ['states', 'stateMachine:'], ref: 'arn' },
};

/** What `Ref` gives. */
export function otherReference(resource: OtherResource, environment: Environment): string {
  const ref = own(SHAPES, resource.type)?.ref;
  if (ref === 'arn') return arnOf(resource, environment);
  if (ref === 'url') return urlOf(resource, environment);
  return physicalName(resource, environment.stackName);
}

/** What `Fn::GetAtt` gives: ARNs, names and the URLs of queues; else a text of the name. */
export function otherAttribute(
  resource: OtherResource,
  attribute: string,
  environment: Environment,
): string {
  const name = physicalName(resource, environment.stackName);
  const kind = resource.type.split('::').at(-1)!;
  if (attribute === 'Name' || attribute === `${kind}Name`) return name;
  if (attribute === 'QueueUrl') return urlOf(resource, environment);
  if (attribute === 'Arn' || attribute === `${kind}Arn`) return arnOf(resource, environment);
  return attribute.endsWith('Arn')
    ? `${arnOf(resource, environment)}/${attribute}`
    : `${name}.${attribute}`;
}

/** Its name where the template gives one, else one made of the stack's name and its own. */
export function physicalName({ logicalId, type, properties }: OtherResource, stackName: string) {
  const kind = type.split('::').at(-1)!;
  const candidates = [`${kind}Name`, 'Name', ...Object.keys(properties).filter(isNameOf(kind))];
  const named = candidates.map((key) => textOf(own(properties, key))).find((name) => name);
  return named ?? `${stackName}-${logicalId}`;
}

/** `LogGroupName` of a LogGroup, `TopicName` of a FifoTopic. */
const isNameOf = (kind: string) => (key: string) =>
  key.endsWith('Name') && kind.endsWith(key.slice(0, -'Name'.length));

function arnOf(resource: OtherResource, { stackName, region, account }: Environment): string {
  const name = physicalName(resource, stackName);
  const [, group = 'custom', kind = ''] = resource.type.split('::');
  const service = group.toLowerCase();
  if (service === 'iam') return `arn:aws:iam::${account}:${kind.toLowerCase()}/${name}`;
  if (service === 's3') return `arn:aws:s3:::${name}`;
  const [called, before, after = ''] = own(SHAPES, resource.type)?.arn ?? [service, ''];
  return `arn:aws:${called}:${region}:${account}:${before}${name}${after}`;
}

function urlOf(resource: OtherResource, { stackName, region, account }: Environment): string {
  return `https://sqs.${region}.amazonaws.com/${account}/${physicalName(resource, stackName)}`;
}
