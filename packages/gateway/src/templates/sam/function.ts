import { isObject } from '../../resources/read-fields.ts';
import { type Expansion, given, type SamResource } from './sam-resource.ts';

/** Passed on under the same name. */
const SAME = [
  'Architectures',
  'Description',
  'Environment',
  'EphemeralStorage',
  'FunctionName',
  'Handler',
  'Layers',
  'MemorySize',
  'PackageType',
  'Runtime',
  'Timeout',
];

/**
 * `AWS::Serverless::Function` → `AWS::Lambda::Function`, and with `AutoPublishAlias` a version and an alias
 * of it; events, policies and roles need nothing here.
 */
export function expandFunction(sam: SamResource): Expansion {
  const { logicalId, properties, attributes } = sam;
  const same = Object.fromEntries(SAME.map((name) => [name, properties[name]]));
  const alias = expandAlias(sam);
  return {
    resources: {
      [logicalId]: {
        Type: 'AWS::Lambda::Function',
        ...attributes,
        Properties: given({ ...same, Code: codeOf(properties) }),
      },
      ...alias?.resources,
    },
    referable: alias?.referable ?? {},
  };
}

/** SAM's name of the version holds a digest of the code, so that no template can say it. */
function expandAlias({ logicalId, properties, attributes, fail }: SamResource) {
  const { AutoPublishAlias: name } = properties;
  if (name === undefined) return undefined;
  if (typeof name === 'string' && !/^(?!\d+$)[A-Za-z0-9_-]+$/.test(name)) {
    const path = ['Properties', 'AutoPublishAlias'];
    throw fail(path, 'must be letters, digits, hyphens and underscores, and no number');
  }
  const { Condition } = attributes;
  const versionId = `${logicalId}Version`;
  // A name that is a parameter is known later, so it is no part of the id.
  const suffix = typeof name === 'string' ? name.replaceAll('-', 'D').replaceAll('_', 'U') : '';
  const aliasId = `${logicalId}Alias${suffix}`;
  const make = (type: string, made: Record<string, unknown>) => ({
    Type: `AWS::Lambda::${type}`,
    ...(Condition !== undefined && { Condition }),
    Properties: { FunctionName: { Ref: logicalId }, ...made },
  });
  return {
    resources: {
      [versionId]: make('Version', {}),
      [aliasId]: make('Alias', {
        Name: name,
        FunctionVersion: { 'Fn::GetAtt': [versionId, 'Version'] },
      }),
    },
    referable: { Version: versionId, Alias: aliasId },
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
