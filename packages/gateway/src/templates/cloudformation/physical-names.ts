/**
 * What `Ref` and `Fn::GetAtt` give of resources that this gateway does not make. A template asks for them
 * in environment variables and role ARNs; what it gets has the right shape and is always the same.
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

export function otherAttribute(
  resource: OtherResource,
  attribute: string,
  { stackName, region, account }: Environment,
): string {
  const name = physicalName(resource, stackName);
  if (!attribute.endsWith('Arn')) return `${name}.${attribute}`;
  const service = resource.type.split('::')[1]?.toLowerCase() ?? 'custom';
  if (service === 'iam') return `arn:aws:iam::${account}:role/${name}`;
  if (service === 's3') return `arn:aws:s3:::${name}`;
  if (service === 'dynamodb') return `arn:aws:dynamodb:${region}:${account}:table/${name}`;
  return `arn:aws:${service}:${region}:${account}:${name}`;
}
