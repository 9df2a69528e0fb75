import type { ConnectionView } from '../operations/connection-view.ts';
import type { Command } from './command.ts';
import { failing } from './failing.ts';
import { exitCodes, type Io } from './io.ts';
import { type OperationsClient, operationsClient, queryWith } from './operations-client.ts';
import { type CommandOption, type ReadOptions, readOptions, UsageError } from './options.ts';
import { clientOptionsOf, targetOptions } from './target-options.ts';

/** Option → parameter of the operation. */
const filters = {
  api: ['apiId', 'ID', 'Of this API.'],
  stage: ['stage', 'NAME', 'Of stages with this name.'],
  address: ['address', 'RANGE', 'From this address, or a range such as 10.0.0.0/8.'],
  'user-agent': ['userAgent', 'TEXT', 'Whose User-Agent contains it.'],
  principal: ['principal', 'NAME', 'Whose authorizer named this principal.'],
  older: ['olderThanSeconds', 'SECONDS', 'Open for at least so long.'],
  idle: ['idleForSeconds', 'SECONDS', 'Without a frame for at least so long.'],
} as const;

const options: readonly CommandOption[] = [
  ...Object.entries(filters).map(([name, [, placeholder, sentence]]) => ({
    name,
    placeholder,
    sentence,
  })),
  { name: 'limit', placeholder: 'COUNT', sentence: 'How many are shown. Default 50, at most 500.' },
  { name: 'json', sentence: 'One JSON object per line.' },
  {
    name: 'close',
    placeholder: 'ID',
    sentence: 'Close this connection instead.',
    isRepeated: true,
  },
  { name: 'sweep', sentence: 'Ping all that fit and drop clients that do not answer within 5 s.' },
  ...targetOptions,
];

export const connections: Command = {
  name: 'connections',
  arguments: '[TEXT]',
  sentence: 'List the open connections; close or sweep them.',
  about: `Lists the open connections of a running gateway, newest first. TEXT is looked for in their ids,
addresses, user agents, principals, APIs and stages.`,
  options,

  run: (argv, io) =>
    failing('connections', io, async () => {
      const read = readOptions(argv, options);
      if (read.positionals.length > 1) throw new UsageError('One TEXT at most; quote blanks');
      const client = operationsClient(clientOptionsOf(read, io));
      const closing = read.values.get('close') ?? [];
      if (closing.length > 0) await close(client, closing, io);
      else if (read.switches.has('sweep')) await sweep(client, read, io);
      else await list(client, read, io);
      return exitCodes.fine;
    }),
};

interface Listed {
  readonly items: readonly ConnectionView[];
  readonly total: number;
  readonly open: number;
}

async function list(client: OperationsClient, read: ReadOptions, io: Io): Promise<void> {
  const query = queryWith({
    search: read.positionals[0],
    ...parametersOf(read),
    maxResults: read.values.get('limit')?.at(-1),
  });
  const { items, total, open } = await client.ask<Listed>('GET', `/connections${query}`);
  if (read.switches.has('json')) {
    for (const item of items) io.stdout.write(`${JSON.stringify(item)}\n`);
    return;
  }
  for (const one of items) io.stdout.write(`${lineOf(one)}\n`);
  const more = items.length < total ? `, the newest ${items.length} shown` : '';
  const of = total < open ? ` of ${open}` : '';
  io.stdout.write(`${total}${of} ${open === 1 ? 'connection' : 'connections'}${more}\n`);
}

function lineOf(one: ConnectionView): string {
  const age = secondsSince(one.connectedAt);
  const idle = secondsSince(one.lastActiveAt);
  const who = one.principal === undefined ? '' : `  ${one.principal}`;
  const agent = one.userAgent === undefined ? '' : `  ${plain(one.userAgent)}`;
  const place = `${one.apiId}/${one.stage}`;
  return `${one.connectionId}  ${place}  ${one.sourceIp}  open ${age} s, idle ${idle} s${who}${agent}`;
}

const secondsSince = (iso: string) =>
  Math.max(0, Math.round((Date.now() - Date.parse(iso)) / 1000));

/** A client chooses its User-Agent: it must not write to the terminal. */
const plain = (text: string) => text.replace(/\p{Cc}/gu, '?').slice(0, 100);

function parametersOf({ values }: ReadOptions): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(filters).map(([name, [parameter]]) => [parameter, values.get(name)?.at(-1)]),
  );
}

async function close(client: OperationsClient, ids: readonly string[], io: Io): Promise<void> {
  for (const id of ids) {
    await client.ask('DELETE', `/connections/${encodeURIComponent(id)}`);
    io.stdout.write(`Closed: ${id}\n`);
  }
}

async function sweep(client: OperationsClient, read: ReadOptions, io: Io): Promise<void> {
  const { apiId, stage, idleForSeconds, ...others } = parametersOf(read);
  if (Object.values(others).some((value) => value !== undefined)) {
    throw new UsageError('--sweep goes with --api, --stage and --idle');
  }
  const body = JSON.stringify({ apiId, stage, idleForSeconds });
  const { asked, dropped } = await client.ask<{ asked: number; dropped: string[] }>(
    'POST',
    '/sweep',
    body,
  );
  for (const id of dropped) io.stdout.write(`Dropped: ${id}\n`);
  io.stdout.write(`${asked} asked, ${dropped.length} gave no sign of life\n`);
}
