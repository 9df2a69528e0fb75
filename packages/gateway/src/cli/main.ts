import { packageVersion } from '../server/package-version.ts';
import { didYouMean } from '../templates/suggest.ts';
import { type Command, commandHelp, overview } from './command.ts';
import { exitCodes, type Io } from './io.ts';

export { processIo } from './io.ts';

/** A command is loaded when it is the one: each brings parts that no other needs. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  dev: async () => (await import('./dev.ts')).dev,
  start: async () => (await import('./start.ts')).start,
  deploy: async () => (await import('./deploy.ts')).deploy,
  destroy: async () => (await import('./destroy.ts')).destroy,
  export: async () => (await import('./export.ts')).exportCommand,
  connections: async () => (await import('./connections.ts')).connections,
  push: async () => (await import('./push.ts')).push,
  tail: async () => (await import('./tail.ts')).tail,
  connect: async () => (await import('./connect.ts')).connect,
  'dead-letters': async () => (await import('./dead-letters.ts')).deadLetters,
  doctor: async () => (await import('./doctor.ts')).doctor,
};

/** Runs `postern …` to its end and resolves with the exit code. `argv` is without node and script. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const [first, ...rest] = argv;
  const say = (text: string) => {
    io.stdout.write(`${text}\n`);
    return exitCodes.fine;
  };
  if (first === '--version' || first === '-v' || first === 'version') return say(packageVersion());
  if (first === '--help' || first === '-h') return say(await everyCommand());

  const name = first === 'help' ? rest[0] : first;
  if (name === undefined) {
    if (first === 'help') return say(await everyCommand());
    io.stderr.write(`${await everyCommand()}\n`);
    return exitCodes.misused;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) {
    const what = name.startsWith('-')
      ? `"${name}" is no command; options come after one, as in "postern dev ${name}"`
      : `Unknown command "${name}"${didYouMean(name, Object.keys(commands))}`;
    io.stderr.write(`${what}. See postern --help.\n`);
    return exitCodes.misused;
  }
  const command = await load();
  if (first === 'help' || rest.includes('--help') || rest.includes('-h')) {
    return say(commandHelp(command));
  }
  return command.run(rest, io);
}

async function everyCommand(): Promise<string> {
  return overview(await Promise.all(Object.values(commands).map((load) => load())));
}
