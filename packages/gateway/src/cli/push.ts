import type { Command } from './command.ts';
import { failing } from './failing.ts';
import { exitCodes } from './io.ts';
import { operationsClient } from './operations-client.ts';
import { readOptions, UsageError } from './options.ts';
import { clientOptionsOf, targetOptions } from './target-options.ts';

export const push: Command = {
  name: 'push',
  arguments: 'ID TEXT',
  sentence: 'Send a message to a connection.',
  about: `Sends TEXT to the connection with this id, as a backend's push would. \`postern connections\`
shows the ids.`,
  options: targetOptions,

  run: (argv, io) =>
    failing('push', io, async () => {
      const read = readOptions(argv, targetOptions);
      const [id, ...words] = read.positionals;
      if (id === undefined || words.length === 0)
        throw new UsageError('To which ID, and what TEXT?');
      const client = operationsClient(clientOptionsOf(read, io));
      const path = `/connections/${encodeURIComponent(id)}/messages`;
      const { bytes } = await client.ask<{ bytes: number }>('POST', path, words.join(' '));
      io.stdout.write(`Sent ${bytes} bytes\n`);
      return exitCodes.fine;
    }),
};
