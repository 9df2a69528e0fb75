import { isObject } from '../../resources/read-fields.ts';
import { type Dictionary, own } from '../../resources/record.ts';
import { logicalIds } from './names.ts';
import type { Service, ServiceFunction } from './service.ts';

/** Serverless Framework's own defaults. */
const DEFAULTS = { runtime: 'nodejs20.x', memorySize: 1024, timeout: 6 };

/** Every function of the service as `AWS::Lambda::Function`; its code is the folder of the file. */
export function compileFunctions(service: Service): Dictionary<unknown> {
  const entries = service.functions.map((one) => [
    logicalIds.function(one.key),
    { Type: 'AWS::Lambda::Function', Properties: properties(service, one) },
  ]);
  return Object.fromEntries(entries);
}

function properties(service: Service, { key, path, properties: written }: ServiceFunction) {
  const { provider, name, stage, fail } = service;
  const setting = (member: keyof typeof DEFAULTS) =>
    own(written, member) ?? own(provider, member) ?? DEFAULTS[member];
  const image = own(written, 'image');
  const handler = own(written, 'handler');
  if (handler === undefined && image === undefined) throw fail(path, 'handler is missing');
  const variables = { ...environmentOf(provider), ...environmentOf(written) };
  const common = {
    FunctionName: own(written, 'name') ?? `${name}-${stage}-${key}`,
    MemorySize: setting('memorySize'),
    Timeout: setting('timeout'),
    ...(Object.keys(variables).length > 0 && { Environment: { Variables: variables } }),
  };
  if (image !== undefined) return { ...common, Code: { ImageUri: '' }, PackageType: 'Image' };
  return { ...common, Code: '.', Handler: handler, Runtime: setting('runtime') };
}

/** `null` takes away what the provider set. */
function environmentOf(holder: Dictionary<unknown>): Dictionary<unknown> {
  const variables = own(holder, 'environment');
  if (!isObject(variables)) return {};
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, value ?? { Ref: 'AWS::NoValue' }]),
  );
}
