/** The options by which commands say what a template file is to become. */
import type { ReadOptions as TemplateReadOptions } from '../templates/read-template.ts';
import { type CommandOption, pairs, type ReadOptions } from './options.ts';

export const templateOptions: readonly CommandOption[] = [
  {
    name: 'stack-name',
    placeholder: 'NAME',
    sentence: 'Name of the stack. Default: told by the file, or by its name.',
  },
  {
    name: 'parameter',
    placeholder: 'NAME=VALUE',
    sentence: 'A parameter of the template. May be repeated.',
    isRepeated: true,
  },
  {
    name: 'stage',
    placeholder: 'STAGE',
    sentence: 'Stage of a serverless.yml, in place of the one it names.',
  },
  {
    name: 'opt',
    placeholder: 'NAME=VALUE',
    sentence: 'What ${opt:NAME} stands for in a serverless.yml. May be repeated.',
    isRepeated: true,
  },
  {
    name: 'param',
    placeholder: 'NAME=VALUE',
    sentence: 'What ${param:NAME} stands for in a serverless.yml. May be repeated.',
    isRepeated: true,
  },
];

export interface TemplateChoice {
  readonly stackName?: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** For `readTemplate`. */
  readonly options: TemplateReadOptions['options'];
}

/** Throws `UsageError`. */
export function templateChoice({ values }: ReadOptions): TemplateChoice {
  const stackName = values.get('stack-name')?.at(-1);
  const stage = values.get('stage')?.at(-1);
  const region = values.get('region')?.at(-1);
  const parameters = Object.entries(pairs(values.get('param'), 'param'));
  return {
    ...(stackName !== undefined && { stackName }),
    parameters: pairs(values.get('parameter'), 'parameter'),
    options: {
      ...pairs(values.get('opt'), 'opt'),
      ...Object.fromEntries(parameters.map(([name, value]) => [`param.${name}`, value])),
      ...(stage !== undefined && { stage }),
      ...(region !== undefined && { region }),
    },
  };
}
