import type { Command } from './command.ts';
import { failing } from './failing.ts';
import { exitCodes, type Io } from './io.ts';
import { operationsClient, queryWith } from './operations-client.ts';
import { type CommandOption, type ReadOptions, readOptions, UsageError } from './options.ts';
import { clientOptionsOf, targetOptions } from './target-options.ts';

/** Option → parameter of the operation. */
const selection = {
  api: ['apiId', 'ID', 'With --stage: of this API, where several have such a stage.'],
  address: ['address', 'RANGE', 'With --stage: from this address, or a range such as 10.0.0.0/8.'],
  'user-agent': ['userAgent', 'TEXT', 'With --stage: whose User-Agent contains it.'],
  principal: ['principal', 'NAME', 'With --stage: whose authorizer named this principal.'],
  older: ['olderThanSeconds', 'SECONDS', 'With --stage: open for at least so long.'],
} as const;

const options: readonly CommandOption[] = [
  {
    name: 'stage',
    placeholder: 'NAME',
    sentence: 'Every connection of this stage, in the place of one ID.',
  },
  ...Object.entries(selection).map(([name, [, placeholder, sentence]]) => ({
    name,
    placeholder,
    sentence,
  })),
  ...targetOptions,
];

export const push: Command = {
  name: 'push',
  arguments: '[ID] TEXT',
  sentence: 'Send a message to a connection, or to all of a stage.',
  about: `Sends TEXT to the connection with this id, as a backend's push would. \`postern connections\`
shows the ids. With --stage TEXT goes to every connection of the stage, or to those that fit.`,
  options,

  run: (argv, io) =>
    failing('push', io, async () => {
      const read = readOptions(argv, options);
      await (read.values.has('stage') ? pushToMany(read, io) : pushToOne(read, io));
      return exitCodes.fine;
    }),
};

async function pushToOne(read: ReadOptions, io: Io): Promise<void> {
  const other = Object.keys(selection).find((name) => read.values.has(name));
  if (other !== undefined) throw new UsageError(`--${other}: of which --stage?`);
  const [id, ...words] = read.positionals;
  if (id === undefined || words.length === 0) throw new UsageError('To which ID, and what TEXT?');
  const client = operationsClient(clientOptionsOf(read, io));
  const path = `/connections/${encodeURIComponent(id)}/messages`;
  const { bytes } = await client.ask<{ bytes: number }>('POST', path, words.join(' '));
  io.stdout.write(`Sent ${bytes} bytes\n`);
}

interface Sent {
  readonly delivered: number;
  readonly refused: number;
  readonly gone: number;
  readonly unreached?: readonly string[];
}

async function pushToMany(read: ReadOptions, io: Io): Promise<void> {
  if (read.positionals.length === 0) throw new UsageError('What TEXT?');
  const given = { stage: ['stage'], ...selection } as const;
  const query = queryWith(
    Object.fromEntries(
      Object.entries(given).map(([name, [parameter]]) => [parameter, givenIn(read, name)]),
    ),
  );
  const client = operationsClient(clientOptionsOf(read, io));
  const text = read.positionals.join(' ');
  const sent = await client.ask<Sent>('POST', `/messages${query}`, text);
  const { delivered, refused, gone, unreached = [] } = sent;
  io.stdout.write(`Sent to ${delivered}, refused by ${refused}, gone ${gone}\n`);
  if (unreached.length > 0) {
    io.stderr.write(`postern push: these nodes did not answer: ${unreached.join(' ')}\n`);
  }
}

/** An empty one would be left out, and mean everybody. */
function givenIn({ values }: ReadOptions, name: string): string | undefined {
  const value = values.get(name)?.at(-1);
  if (value === '') throw new UsageError(`--${name}: must not be empty`);
  return value;
}
