import { isConnectionId } from '../connections/connection-id.ts';
import { usesColor } from '../telemetry/color.ts';
import { eventKinds } from '../telemetry/log.ts';
import { readableLog } from '../telemetry/readable-log.ts';
import type { TraceRecord } from '../telemetry/trace.ts';
import type { Command } from './command.ts';
import { failing } from './failing.ts';
import { exitCodes, type Io } from './io.ts';
import { operationsClient, queryWith } from './operations-client.ts';
import { type CommandOption, readOptions } from './options.ts';
import { serverSentEvents } from './server-sent-events.ts';
import { clientOptionsOf, targetOptions } from './target-options.ts';

const KINDS: readonly string[] = eventKinds;

const options: readonly CommandOption[] = [
  { name: 'api', placeholder: 'ID', sentence: 'Of this API.' },
  { name: 'stage', placeholder: 'NAME', sentence: 'Of stages with this name.' },
  { name: 'steps', sentence: 'Each step below its event: frame, request, answer, reply.' },
  { name: 'json', sentence: 'One JSON object per line, with everything.' },
  {
    name: 'per-second',
    placeholder: 'COUNT',
    sentence: 'Events a second at most, 1 to 1000; what is left out is counted. Default 100.',
  },
  ...targetOptions,
];

export const tail: Command = {
  name: 'tail',
  arguments: '[FILTER…]',
  sentence: 'Follow what happens, live, until Ctrl-C.',
  about: `Follows the events of a running gateway. Each word of FILTER is a kind of event (${KINDS.join(', ')}),
\`failures\`, a connection's id, or a route key.

  postern tail failures
  postern tail message sendMessage --steps`,
  options,

  run: (argv, io) =>
    failing('tail', io, async () => {
      const read = readOptions(argv, options);
      const last = (name: string) => read.values.get(name)?.at(-1);
      const query = queryWith({
        ...filterOf(read.positionals),
        apiId: last('api'),
        stage: last('stage'),
        perSecond: last('per-second'),
      });
      const client = operationsClient(clientOptionsOf(read, io));
      const response = await client.stream(`/trace${query}`);
      const stop = io.onStopSignal(() => response.destroy());
      const print = read.switches.has('json')
        ? asJson(io)
        : asLines(io, read.switches.has('steps'));
      try {
        for await (const { event, data } of serverSentEvents(response)) {
          if (event === 'record') print(JSON.parse(data) as TraceRecord);
          if (event !== 'sampled') continue;
          const { leftOut } = JSON.parse(data) as { leftOut: number };
          io.stderr.write(`… ${leftOut} events left out: more happens than --per-second\n`);
        }
      } finally {
        stop();
      }
      return exitCodes.fine;
    }),
};

/** Every word says by its shape what it is. */
function filterOf(words: readonly string[]): Record<string, string | undefined> {
  const kinds = words.filter((word) => KINDS.includes(word));
  const rest = words.filter((word) => !KINDS.includes(word) && word !== 'failures');
  return {
    kinds: kinds.join(','),
    failuresOnly: words.includes('failures') ? 'true' : undefined,
    connectionId: rest.find(isWholeId),
    route: rest.find((word) => !isWholeId(word)),
  };
}

/** Route keys may look like short ids; ours end in `=`. */
const isWholeId = (word: string) => word.endsWith('=') && isConnectionId(word);

type Print = (record: TraceRecord) => void;

const asJson =
  (io: Io): Print =>
  (record) =>
    io.stdout.write(`${JSON.stringify(record)}\n`);

function asLines(io: Io, showsSteps: boolean): Print {
  let at = 0;
  const log = readableLog({
    write: (line) => io.stdout.write(`${line}\n`),
    color: usesColor(io.stdout, io.env),
    now: () => at,
  });
  return (record) => {
    at = record.at;
    log.event(record);
    if (!showsSteps) return;
    for (const step of record.steps) io.stdout.write(`${stepLine(step)}\n`);
  };
}

function stepLine(step: TraceRecord['steps'][number]): string {
  const { name, startMillis, durationMillis, method, url, status, note, body } = step;
  const time = `${startMillis.toFixed(1)}+${durationMillis.toFixed(1)} ms`.padStart(16);
  const request = url === undefined ? undefined : `${method ?? ''} ${url}`.trim();
  const words = [status, request, note, body].filter((word) => word !== undefined && word !== '');
  return `${time}  ${name.padEnd(17)} ${words
    .join('  ')
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, 400)}`;
}
