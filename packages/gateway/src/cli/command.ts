import { optionsHelp } from '../server/help.ts';
import type { Mode } from '../server/settings.ts';
import type { Io } from './io.ts';

/** One word after `postern`. */
export interface Command {
  readonly name: Mode;
  readonly sentence: string;
  /** Shown by `postern NAME --help`, above the options. */
  readonly about: string;
  /** Resolves with the exit code. */
  run(argv: readonly string[], io: Io): Promise<number>;
}

export function overview(commands: readonly Command[]): string {
  const list = commands.map(({ name, sentence }) => `  postern ${name.padEnd(7)} ${sentence}`);
  return `Postern: Amazon API Gateway's WebSocket API, on any machine.

${list.join('\n')}

  postern COMMAND --help     options of a command
  postern --version`;
}

export function commandHelp({ name, about }: Command): string {
  return `postern ${name} [options]

${about}

Options, each also as an environment variable and in postern.yaml:

${optionsHelp(name)}`;
}
