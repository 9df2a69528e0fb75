import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { removeStackFunctions } from '../server/function-folder.ts';
import { ApplyError } from '../templates/control-client.ts';
import { readTemplate } from '../templates/read-template.ts';
import { destroyStack } from '../templates/stack/deploy-stack.ts';
import { didYouMean } from '../templates/suggest.ts';
import { stackContext } from '../templates/template-deployment.ts';
import type { Command } from './command.ts';
import { onlyFile } from './deploy.ts';
import { failing } from './failing.ts';
import { exitCodes, type Io } from './io.ts';
import { type ReadOptions, readOptions } from './options.ts';
import { stepLine } from './stack-report.ts';
import {
  dataOption,
  functionFolderOf,
  type Target,
  targetOf,
  targetOptions,
} from './target-options.ts';
import { type TemplateChoice, templateChoice, templateOptions } from './template-options.ts';

const options = [...templateOptions, ...targetOptions, dataOption];

export const destroy: Command = {
  name: 'destroy',
  arguments: 'FILE|STACK',
  sentence: 'Remove everything that postern deploy made.',
  about: `Removes the stacks of a template, or the stack of that name, with everything they made. What was
made by other means stays.`,
  options,

  run: (argv, io) =>
    failing('destroy', io, async () => {
      const read = readOptions(argv, options);
      const what = onlyFile(read);
      const choice = templateChoice(read);
      const target = await targetOf(read, io);
      const names = await stackNames(what, choice, target, io);
      let isClean = true;
      for (const name of [...names].reverse()) {
        isClean = (await remove(name, target, read, io)) && isClean;
      }
      return isClean ? exitCodes.fine : exitCodes.failed;
    }),
};

/** Those of the file; without such a file, `what` is itself the name of a stack. */
async function stackNames(
  what: string,
  { stackName, options: templateArguments }: TemplateChoice,
  { account, store }: Target,
  io: Io,
): Promise<readonly string[]> {
  const known = (await store.list()).map(({ name }) => name);
  const path = resolve(io.cwd, what);
  if (existsSync(path)) {
    if (stackName !== undefined) return [stackName];
    const read = readTemplate(path, { options: templateArguments, env: io.env, account });
    return read.units.map((unit) => unit.stackName);
  }
  if (known.includes(what)) return [what];
  throw new ApplyError(`There is no file and no stack ${what}${didYouMean(what, known)}`);
}

async function remove(name: string, target: Target, read: ReadOptions, io: Io): Promise<boolean> {
  io.stdout.write(`Stack ${name}\n`);
  if (!(await target.store.read(name))) {
    io.stdout.write('  There is no such stack\n');
    return true;
  }
  const context = stackContext(name, { ...target, parameters: {} });
  const leftovers = await destroyStack(context, (step) => io.stdout.write(`${stepLine(step)}\n`));
  for (const line of leftovers) io.stderr.write(`${line}\n`);
  removeStackFunctions(functionFolderOf(read, io), name);
  return leftovers.length === 0;
}
