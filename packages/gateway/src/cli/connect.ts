import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { WebSocket } from 'ws';
import { ApplyError } from '../templates/control-client.ts';
import { pathOf } from '../wire/request-url.ts';
import { textOf } from './answer.ts';
import type { Command } from './command.ts';
import { failing } from './failing.ts';
import { HISTORY_LINES_MAX, HistoryFile } from './history-file.ts';
import { exitCodes, type Io } from './io.ts';
import { operationsClient } from './operations-client.ts';
import { type CommandOption, pairs, readOptions, UsageError } from './options.ts';
import { clientOptionsOf, targetOptions } from './target-options.ts';

/** Of a refusal's body: it is a sentence, or a page that nobody reads in a terminal. */
const REFUSAL_CHARACTERS_MAX = 500;

const options: readonly CommandOption[] = [
  {
    name: 'header',
    placeholder: 'NAME=VALUE',
    sentence: 'A header of the handshake.',
    isRepeated: true,
  },
  {
    name: 'subprotocol',
    placeholder: 'NAME',
    sentence: 'A sub-protocol to offer.',
    isRepeated: true,
  },
  ...targetOptions,
];

export const connect: Command = {
  name: 'connect',
  arguments: 'URL',
  sentence: 'Be a client: type messages, see what comes.',
  about: `Opens a WebSocket. Each line that is typed is sent, each message that comes is a line. A URL
without scheme and host, such as production?token=abc, is a stage of the gateway. On a terminal the arrows
bring earlier lines back; they are kept in ~/.postern_history. Ctrl-C or Ctrl-D closes the connection.`,
  options,

  run: (argv, io) =>
    failing('connect', io, async () => {
      const read = readOptions(argv, options);
      const [given, ...more] = read.positionals;
      if (given === undefined || more.length > 0) throw new UsageError('Which URL?');
      const { endpoint, ...rest } = clientOptionsOf(read, io);
      const url = urlOf(given, endpoint);
      const headers = pairs(read.values.get('header'), 'header');
      const socket = new WebSocket(url, [...(read.values.get('subprotocol') ?? [])], {
        headers,
        perMessageDeflate: false,
      });
      return converse(socket, io, () => whyRefused({ endpoint, ...rest }, url));
    }),
};

function urlOf(given: string, endpoint: string): string {
  const whole = /^(?:wss?|https?):\/\//.test(given)
    ? given
    : `${endpoint}/${given.replace(/^\//, '')}`;
  if (URL.canParse(whole)) return whole.replace(/^http/, 'ws');
  throw new UsageError(`${given} is no URL`);
}

/** From the handshake to the close; rejects with an `ApplyError` when there is no connection. */
function converse(
  socket: WebSocket,
  io: Io,
  why: () => Promise<string | undefined>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let lines: Interface | undefined;
    const stopListening = io.onStopSignal(() => socket.close(1000));
    const end = () => {
      stopListening();
      lines?.close();
    };
    socket.on('open', () => {
      // Tokens in queries are not for terminals that others look at.
      io.stderr.write(`Connected to ${pathOf(socket.url)}\n`);
      lines = readLines(io, (line) => socket.send(line));
      lines?.once('close', () => socket.close(1000));
    });
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      const text = isBinary ? `(binary) ${data.toString('base64')}` : String(data);
      if (!io.stdout.isTTY) {
        io.stdout.write(`${text}\n`);
        return;
      }
      // In place of the prompt, which then comes back with what has been typed so far.
      io.stdout.write(`\r\x1b[K< ${text.replace(/[^\P{Cc}\n\t]/gu, '?')}\n`);
      lines?.prompt(true);
    });
    socket.on('unexpected-response', async (_, response) => {
      const words = await textOf(response).catch(({ message }: ApplyError) => message);
      const reason = await why();
      end();
      const because = reason === undefined ? '' : `\nWhy: ${reason}`;
      const said = words.slice(0, REFUSAL_CHARACTERS_MAX);
      reject(new ApplyError(`Refused with ${response.statusCode}: ${said}${because}`));
    });
    socket.on('error', (error) => {
      if (socket.readyState === socket.OPEN) return;
      end();
      reject(new ApplyError(`No connection: ${error.message}`));
    });
    socket.on('close', (code, reason) => {
      end();
      io.stderr.write(`Closed: ${code}${reason.length > 0 ? ` ${reason}` : ''}\n`);
      resolve(code === 1000 || code === 1005 ? exitCodes.fine : exitCodes.failed);
    });
  });
}

function readLines(io: Io, send: (line: string) => void): Interface | undefined {
  const { stdin } = io;
  if (!stdin) return undefined;
  const isTerminal = io.stdout.isTTY === true && 'isTTY' in stdin && stdin.isTTY === true;
  // Behind the line that was just typed.
  const warn = (sentence: string) => io.stderr.write(`\n${sentence}\n`);
  const { HOME } = io.env;
  const file =
    isTerminal && HOME ? new HistoryFile(join(HOME, '.postern_history'), warn) : undefined;
  const lines = createInterface({
    input: stdin,
    ...(isTerminal && { output: process.stdout, terminal: true, prompt: '> ' }),
    ...(file && { history: file.read(), historySize: HISTORY_LINES_MAX }),
  });
  if (isTerminal) lines.prompt();
  lines.on('line', (line) => {
    if (line !== '') send(line);
    if (isTerminal) lines.prompt();
  });
  lines.on('history', (history) => file?.keep(history));
  return lines;
}

/** A client is told a status; whoever may ask the gateway learns the rule. */
async function whyRefused(
  options: ReturnType<typeof clientOptionsOf>,
  url: string,
): Promise<string | undefined> {
  if (new URL(url).host !== new URL(options.endpoint).host) return undefined;
  try {
    const { items } = await operationsClient(options).ask<{
      items: { reason?: string; rule?: string }[];
    }>('GET', '/failures?kinds=connect&maxResults=1');
    const [last] = items;
    return last && `${last.reason ?? ''} (rule ${last.rule})`;
  } catch {
    return undefined;
  }
}
