import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ApplyError, controlClient } from '../templates/control-client.ts';
import { type ExportFormat, exportApi, exportFormats } from '../templates/export/export-api.ts';
import { readApi } from '../templates/export/read-api.ts';
import { didYouMean } from '../templates/suggest.ts';
import type { Command } from './command.ts';
import { failing } from './failing.ts';
import { exitCodes } from './io.ts';
import { readOptions, UsageError } from './options.ts';
import { type Target, targetOf, targetOptions } from './target-options.ts';

const options = [
  {
    name: 'format',
    placeholder: 'FORMAT',
    sentence: `${exportFormats.join(', ')}. Default postern.`,
  },
  { name: 'output', placeholder: 'FILE', sentence: 'Where to write it. Default: standard output.' },
  ...targetOptions,
];

export const exportCommand: Command = {
  name: 'export',
  arguments: 'API',
  sentence: 'Write an API of a running gateway as a template.',
  about: `Writes an API, named by its id or its name, as a template that makes the same API again: here, on
another gateway or on AWS. What a format cannot say is told on standard error.`,
  options,

  run: (argv, io) =>
    failing('export', io, async () => {
      const read = readOptions(argv, options);
      const [name, ...more] = read.positionals;
      if (name === undefined || more.length > 0)
        throw new UsageError('Which API? Its id or its name');
      const format = formatOf(read.values.get('format')?.at(-1) ?? 'postern');
      const target = await targetOf(read, io);
      const client = controlClient(target.call);
      const { text, notes } = exportApi(await readApi(client, await apiIdOf(name, target)), format);
      for (const note of notes) io.stderr.write(`${note}\n`);
      const output = read.values.get('output')?.at(-1);
      if (output === undefined) io.stdout.write(text);
      else writeFileSync(resolve(io.cwd, output), text);
      return exitCodes.fine;
    }),
};

function formatOf(text: string): ExportFormat {
  const found = exportFormats.find((format) => format === text);
  if (found) return found;
  const hint = didYouMean(text, exportFormats);
  throw new UsageError(`--format: expected one of ${exportFormats.join(', ')}, got ${text}${hint}`);
}

async function apiIdOf(name: string, { call }: Target): Promise<string> {
  const apis = await controlClient(call).list<{ apiId: string; name: string }>('/v2/apis');
  if (apis.some(({ apiId }) => apiId === name)) return name;
  const [found, ...others] = apis.filter((api) => api.name === name);
  if (!found) {
    const hint = didYouMean(
      name,
      apis.flatMap((api) => [api.name, api.apiId]),
    );
    throw new ApplyError(`There is no API ${name}${hint}`);
  }
  if (others.length === 0) return found.apiId;
  const ids = [found, ...others].map(({ apiId }) => apiId);
  throw new ApplyError(`Several APIs are named ${name}: say which by its id, ${ids.join(', ')}`);
}
