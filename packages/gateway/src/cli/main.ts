import { packageVersion } from '../server/package-version.ts';
import { didYouMean } from '../templates/suggest.ts';
import { type Command, commandHelp, overview } from './command.ts';
import { connect } from './connect.ts';
import { connections } from './connections.ts';
import { deadLetters } from './dead-letters.ts';
import { deploy } from './deploy.ts';
import { destroy } from './destroy.ts';
import { dev } from './dev.ts';
import { doctor } from './doctor.ts';
import { exportCommand } from './export.ts';
import { exitCodes, type Io } from './io.ts';
import { push } from './push.ts';
import { start } from './start.ts';
import { tail } from './tail.ts';

export { processIo } from './io.ts';

const commands: readonly Command[] = [
  dev,
  start,
  deploy,
  destroy,
  exportCommand,
  connections,
  push,
  tail,
  connect,
  deadLetters,
  doctor,
];

/** Runs `postern …` to its end and resolves with the exit code. `argv` is without node and script. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const [first, ...rest] = argv;
  const say = (text: string) => {
    io.stdout.write(`${text}\n`);
    return exitCodes.fine;
  };
  if (first === '--version' || first === '-v' || first === 'version') return say(packageVersion());
  if (first === '--help' || first === '-h') return say(overview(commands));

  const name = first === 'help' ? rest[0] : first;
  if (name === undefined) {
    if (first === 'help') return say(overview(commands));
    io.stderr.write(`${overview(commands)}\n`);
    return exitCodes.misused;
  }
  const command = commands.find((one) => one.name === name);
  if (!command) {
    const isOption = name.startsWith('-');
    const names = commands.map((one) => one.name);
    const hint = isOption ? '' : didYouMean(name, names);
    const what = isOption ? 'option' : 'command';
    io.stderr.write(`Unknown ${what} "${name}"${hint}. See postern --help.\n`);
    return exitCodes.misused;
  }
  if (first === 'help' || rest.includes('--help') || rest.includes('-h')) {
    return say(commandHelp(command));
  }
  return command.run(rest, io);
}
