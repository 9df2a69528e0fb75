/** `AWS::Lambda::Function` as a function this machine may run. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isObject } from '../../resources/read-fields.ts';
import { type Dictionary, own } from '../../resources/record.ts';
import type { FunctionCode, TemplateFunction } from '../stack/stack-template.ts';
import { textOf } from './intrinsic.ts';

/** Where code that was uploaded is on this machine; `undefined` when it is not. */
export type CodeLocator = (bucket: string, key: string) => string | undefined;

export interface FunctionOptions {
  readonly logicalId: string;
  readonly name: string;
  /** Worked out, as far as they are known. */
  readonly properties: Dictionary<unknown>;
  /** Where relative paths begin. */
  readonly folder: string;
  readonly locateCode?: CodeLocator;
}

const RUNTIMES = /^(?:nodejs|python|provided)/;

export function templateFunction(options: FunctionOptions): TemplateFunction {
  const { logicalId, name, properties } = options;
  const runtime = textOf(own(properties, 'Runtime'));
  const handler = textOf(own(properties, 'Handler'));
  const variables = member(properties, 'Environment', 'Variables');
  const timeout = Number(textOf(own(properties, 'Timeout')));
  const memory = Number(textOf(own(properties, 'MemorySize')));
  const isForeign = runtime !== undefined && !RUNTIMES.test(runtime);
  return {
    logicalId,
    name,
    ...(runtime !== undefined && { runtime }),
    ...(handler !== undefined && { handler }),
    code: isForeign
      ? { kind: 'elsewhere', reason: `the runtime ${runtime} is not run here` }
      : codeOf(options),
    environment: isObject(variables) ? variables : {},
    ...(timeout > 0 && { timeoutSeconds: timeout }),
    ...(memory > 0 && { memoryMegabytes: memory }),
  };
}

function codeOf({ properties, folder, locateCode }: FunctionOptions): FunctionCode {
  const code = own(properties, 'Code');
  const elsewhere = (reason: string): FunctionCode => ({ kind: 'elsewhere', reason });
  // What `aws cloudformation package` would upload.
  if (typeof code === 'string') return localFolder(folder, code);
  if (!isObject(code)) return elsewhere('the template does not say where its code is');
  const inline = own(code, 'ZipFile');
  if (typeof inline === 'string') {
    const path = resolve(folder, inline);
    const isPath = !inline.includes('\n') && inline !== '' && existsSync(path);
    return isPath ? localFolder(folder, inline) : { kind: 'inline', text: inline };
  }
  if (own(code, 'ImageUri') !== undefined) return elsewhere('it is a container image');
  const [bucket, key] = [textOf(own(code, 'S3Bucket')) ?? '', textOf(own(code, 'S3Key')) ?? ''];
  const found = locateCode?.(bucket, key);
  if (found !== undefined) return localFolder(folder, found);
  return elsewhere(key === '' ? 'its code is in S3' : `its code is in S3, at ${key}`);
}

function localFolder(folder: string, path: string): FunctionCode {
  if (/^s3:/.test(path)) return { kind: 'elsewhere', reason: `its code is in S3, at ${path}` };
  const full = resolve(folder, path);
  if (!existsSync(full)) return { kind: 'elsewhere', reason: `there is no ${full}` };
  if (!statSync(full).isDirectory()) {
    return { kind: 'elsewhere', reason: `${full} is no folder` };
  }
  return { kind: 'folder', folder: full };
}

function member(properties: Dictionary<unknown>, ...keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (value, key) => (isObject(value) ? own(value, key) : undefined),
    properties,
  );
}
