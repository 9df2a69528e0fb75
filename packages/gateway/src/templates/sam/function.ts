import { isObject } from '../../resources/read-fields.ts';
import { given, type SamResource } from './sam-resource.ts';

/** Passed on under the same name. */
const SAME = [
  'Architectures',
  'Description',
  'Environment',
  'EphemeralStorage',
  'FunctionName',
  'Handler',
  'MemorySize',
  'PackageType',
  'Runtime',
  'Timeout',
];

/** `AWS::Serverless::Function` → `AWS::Lambda::Function`; events, policies and roles need nothing here. */
export function expandFunction({ properties, attributes }: SamResource): Record<string, unknown> {
  const same = Object.fromEntries(SAME.map((name) => [name, properties[name]]));
  return {
    Type: 'AWS::Lambda::Function',
    ...attributes,
    Properties: given({ ...same, Code: codeOf(properties) }),
  };
}

function codeOf({
  CodeUri,
  InlineCode,
  ImageUri,
  PackageType,
}: SamResource['properties']): unknown {
  if (InlineCode !== undefined) return { ZipFile: InlineCode };
  if (ImageUri !== undefined || PackageType === 'Image') return { ImageUri: ImageUri ?? '' };
  if (isObject(CodeUri) && 'Bucket' in CodeUri) {
    return { S3Bucket: CodeUri.Bucket, S3Key: CodeUri.Key };
  }
  return CodeUri ?? '.';
}
