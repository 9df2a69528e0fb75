/**
 * Functions of stacks that were deployed to this gateway, one file for each stack in its data folder. A
 * function is a program to run, so it comes from whoever may write this folder, and never over HTTP.
 */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../ambient/make-folder.ts';
import type { FunctionSpec } from '../backends/lambda/function-spec.ts';

export interface StackFunctions {
  /** By name. Folders of code are absolute. */
  readonly functions: Readonly<Record<string, FunctionSpec>>;
  /** Their APIs: AWS's addresses of these, in environment variables, mean this gateway. */
  readonly apiIds: readonly string[];
}

const FOLDER = 'functions';

/** Where the functions of the stacks of a data folder are. */
export function functionFolder(data: string): string {
  return join(data, FOLDER);
}

/** By stack. What cannot be read is passed over: it is another program's, or half written. */
export function readStackFunctions(folder: string): ReadonlyMap<string, StackFunctions> {
  const found = new Map<string, StackFunctions>();
  for (const name of entriesOf(folder)) {
    try {
      const value = JSON.parse(readFileSync(join(folder, name), 'utf8')) as StackFunctions;
      if (typeof value.functions === 'object' && Array.isArray(value.apiIds)) {
        found.set(name.slice(0, -'.json'.length), value);
      }
    } catch {}
  }
  return found;
}

/** Replaces the functions of a stack. Environments may hold secrets: nobody else may read the file. */
export function writeStackFunctions(folder: string, stack: string, value: StackFunctions): void {
  if (Object.keys(value.functions).length === 0) {
    removeStackFunctions(folder, stack);
    return;
  }
  makeFolder(folder, 0o700);
  const path = join(folder, `${stack}.json`);
  writeFileSync(`${path}.new`, JSON.stringify(value, null, 2), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** With the code that its template held itself. */
export function removeStackFunctions(folder: string, stack: string): void {
  rmSync(join(folder, `${stack}.json`), { force: true });
  rmSync(join(folder, stack), { recursive: true, force: true });
}

/** Writes code that a template holds itself; the folder it is in from now on. */
export function writeInlineCode(
  folder: string,
  stack: string,
  logicalId: string,
  file: string,
  text: string,
): string {
  const place = join(folder, stack, logicalId);
  makeFolder(place, 0o700);
  writeFileSync(join(place, file), text, { mode: 0o600 });
  return place;
}

/**
 * The functions of all stacks, by name. `https://{apiId}.execute-api.…`, its `wss` sibling and the bare host
 * in their environment become addresses of this gateway, whose public base is `url`.
 */
export function functionsOfStacks(
  stacks: Iterable<StackFunctions>,
  url: string,
): Readonly<Record<string, FunctionSpec>> {
  const all: Record<string, FunctionSpec> = {};
  const known = [...stacks];
  // A stack of functions may push through the API of another.
  const apiIds = known.flatMap((stack) => stack.apiIds);
  for (const { functions } of known) {
    for (const [name, spec] of Object.entries(functions)) {
      const environment = Object.entries(spec.environment ?? {}).map(
        ([key, value]) => [key, localAddresses(value, apiIds, url)] as const,
      );
      all[name] = { ...spec, environment: Object.fromEntries(environment) };
    }
  }
  return all;
}

const AWS_ADDRESS =
  /(?:\b(https|wss):\/\/|\b)([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/g;

function localAddresses(text: string, apiIds: readonly string[], url: string): string {
  const bases: Readonly<Record<string, string>> = {
    https: url,
    wss: url.replace(/^http/, 'ws'),
    // Whoever reads it puts a scheme before it.
    '': url.replace(/^https?:\/\//, ''),
  };
  return text.replace(AWS_ADDRESS, (whole, scheme: string | undefined, apiId: string) =>
    apiIds.includes(apiId) ? `${bases[scheme ?? '']}/${apiId}` : whole,
  );
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
}
