import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { readTemplate, type TemplateFile } from '../templates/read-template.ts';
import { deployFile, planFile } from '../templates/template-deployment.ts';
import type { Command } from './command.ts';
import { failing } from './failing.ts';
import { exitCodes, type Io } from './io.ts';
import { type ReadOptions, readOptions, UsageError } from './options.ts';
import { functionProblems, installFunctions } from './stack-functions.ts';
import { finishedLines, noteLines, skippedLines, stepLine } from './stack-report.ts';
import {
  dataOption,
  functionFolderOf,
  type Target,
  targetOf,
  targetOptions,
} from './target-options.ts';
import { templateChoice, templateOptions } from './template-options.ts';

const options = [
  ...templateOptions,
  { name: 'dry-run', sentence: 'Print what would change, and change nothing.' },
  ...targetOptions,
  dataOption,
];

export const deploy: Command = {
  name: 'deploy',
  arguments: 'FILE',
  sentence: 'Make a running gateway serve what a template says.',
  about: `Reads a template and makes the gateway's APIs what it says: what is new is made (+), what differs is
changed in place or replaced (~), what the template no longer names is removed (-). The same template
again changes nothing; what fails is taken back. Open connections stay open.

FILE is a CloudFormation or SAM template, a serverless.yml, the folder cdk.out, an AsyncAPI 3.0
document or a postern.yaml. Lambda functions run where the gateway is, when their code is there.`,
  options,

  run: (argv, io) =>
    failing('deploy', io, async () => {
      const read = readOptions(argv, options);
      const path = onlyFile(read);
      const choice = templateChoice(read);
      const target = await targetOf(read, io);
      const file = readTemplate(resolve(io.cwd, path), {
        options: choice.options,
        env: io.env,
        account: target.account,
      });
      const deployment = { ...target, ...choice };
      if (read.switches.has('dry-run')) return await plan(file, deployment, io);
      return await apply(file, deployment, functionFolderOf(read, io), io);
    }),
};

type Deployment = Target & ReturnType<typeof templateChoice>;

async function plan(file: TemplateFile, target: Deployment, io: Io): Promise<number> {
  for (const { stackName, steps, unit, template } of await planFile(file, target)) {
    say(io, [
      `Stack ${stackName}`,
      ...(steps.length > 0 ? steps.map(stepLine) : ['  No changes']),
      ...skippedLines(template.skipped),
      ...functionProblems(template),
      ...noteLines(unit, template),
    ]);
  }
  return exitCodes.fine;
}

async function apply(
  file: TemplateFile,
  target: Deployment,
  folder: string,
  io: Io,
): Promise<number> {
  const interruption = new AbortController();
  const forget = io.onStopSignal(() => interruption.abort());
  try {
    await deployFile(file, target, {
      signal: interruption.signal,
      onStack: (stackName) => say(io, [`Stack ${stackName}`]),
      onStep: (step) => say(io, [stepLine(step)]),
      onFinished: (stack) =>
        say(io, [
          ...(stack.steps.length > 0 ? [] : ['  No changes']),
          ...skippedLines(stack.skipped),
          ...functionLines(folder, stack, target.endpoint),
          ...finishedLines(stack, target.endpoint),
        ]),
    });
  } finally {
    forget();
  }
  return exitCodes.fine;
}

/** The gateway finds the functions in its data folder, when that is on this machine. */
function functionLines(
  folder: string,
  stack: Parameters<typeof installFunctions>[1],
  endpoint: string,
): string[] {
  const count = stack.template.functions.length + Object.keys(stack.unit.functions ?? {}).length;
  if (count === 0) return [];
  if (existsSync(dirname(folder))) return installFunctions(folder, stack);
  return [
    `There is no data folder ${dirname(folder)}: name the one of the gateway at ${endpoint} with ` +
      '--data, and its functions run there.',
  ];
}

/** The one FILE of a command. Throws `UsageError`. */
export function onlyFile({ positionals }: ReadOptions): string {
  const [file, ...more] = positionals;
  if (file === undefined) throw new UsageError('Which FILE?');
  if (more.length > 0)
    throw new UsageError(`One FILE, not ${positionals.length}: ${more.join(' ')}`);
  return file;
}

function say(io: Io, lines: readonly string[]): void {
  for (const line of lines) io.stdout.write(`${line}\n`);
}
