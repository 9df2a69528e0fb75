import { optionsHelp } from '../server/help.ts';
import type { Mode } from '../server/settings.ts';
import type { Io } from './io.ts';
import { type CommandOption, optionsText } from './options.ts';

/** One word after `postern`. */
export interface Command {
  readonly name: string;
  /** What follows the name, such as `FILE`. */
  readonly arguments?: string;
  readonly sentence: string;
  /** Shown by `postern NAME --help`, above the options. */
  readonly about: string;
  /** Beside the settings of the gateway. */
  readonly options?: readonly CommandOption[];
  /** The settings it takes as options, environment variables and from postern.yaml. */
  readonly mode?: Mode;
  /** Resolves with the exit code. */
  run(argv: readonly string[], io: Io): Promise<number>;
}

export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const list = commands.map(({ name, sentence }) => `  postern ${name.padEnd(width)} ${sentence}`);
  return `Postern: Amazon API Gateway's WebSocket API, on any machine.

${list.join('\n')}

  postern COMMAND --help     options of a command
  postern --version`;
}

export function commandHelp({ name, about, options = [], mode, ...rest }: Command): string {
  const words = rest.arguments === undefined ? '' : ` ${rest.arguments}`;
  const own = options.length > 0 ? [`Options:\n\n${optionsText(options)}`] : [];
  const settings = mode
    ? [`Options, each also as an environment variable and in postern.yaml:\n\n${optionsHelp(mode)}`]
    : [];
  return [`postern ${name}${words} [options]`, about, ...own, ...settings].join('\n\n');
}
