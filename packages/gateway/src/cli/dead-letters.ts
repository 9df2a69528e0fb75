import { ApplyError, type ControlCall } from '../templates/control-client.ts';
import { didYouMean } from '../templates/suggest.ts';
import { messageIn } from '../wire/exceptions.ts';
import type { Command } from './command.ts';
import { failing } from './failing.ts';
import { exitCodes, type Output } from './io.ts';
import { readOptions, UsageError } from './options.ts';
import { targetOf, targetOptions } from './target-options.ts';

const options = [{ name: 'all', sentence: 'With replay and drop: every one.' }, ...targetOptions];
const actions = ['list', 'show', 'replay', 'drop'] as const;
type Action = (typeof actions)[number];

export const deadLetters: Command = {
  name: 'dead-letters',
  arguments: '[list | show ID | replay ID… | drop ID…]',
  sentence: 'What $disconnect could not tell: list it, try it again, forget it.',
  about: `Connections whose backend never answered $disconnect with 2xx, oldest first. replay tries them
again, as often as new ones; drop forgets them.`,
  options,

  run: (argv, io) =>
    failing('dead-letters', io, async () => {
      const read = readOptions(argv, options);
      const [word = 'list', ...ids] = read.positionals;
      const action = actions.find((one) => one === word);
      if (!action) {
        throw new UsageError(
          `Expected list, show, replay or drop, got ${word}${didYouMean(word, actions)}`,
        );
      }
      const all = read.switches.has('all');
      assertIds(action, ids, all);
      const { call } = await targetOf(read, io);
      if (action === 'list') await list(call, io.stdout);
      else if (all) await everyOne(call, action, io.stdout);
      else for (const id of ids) await one(call, action, id, io.stdout);
      return exitCodes.fine;
    }),
};

function assertIds(action: Action, ids: readonly string[], all: boolean): void {
  if (action === 'list' && (ids.length > 0 || all)) throw new UsageError('list takes no id');
  if (action === 'show' && all) throw new UsageError('show wants an id');
  if (action === 'list' || (all && ids.length === 0)) return;
  if (all) throw new UsageError('Either ids or --all');
  if (ids.length === 0) throw new UsageError('Which one? Its id, as postern dead-letters shows it');
}

interface Letter {
  readonly id: string;
  readonly apiId: string;
  readonly stage: string;
  readonly buriedAt: string;
  readonly attempts: number;
  readonly disconnectStatusCode?: number;
  readonly reason: string;
}

interface Listed {
  readonly items: readonly Letter[];
  readonly total: number;
  readonly waiting: number;
}

async function list(call: ControlCall, stdout: Output): Promise<void> {
  const { items, total, waiting } = (await ask(call, 'GET', '')) as Listed;
  for (const letter of items) {
    const { id, apiId, stage, buriedAt, attempts, disconnectStatusCode: code, reason } = letter;
    stdout.write(
      `${id}  ${buriedAt}  ${apiId}/${stage}  ${code ?? '-'}  ${attempts} attempts: ${reason}\n`,
    );
  }
  const shown = items.length < total ? `, the oldest ${items.length} shown` : '';
  const tried = waiting > 0 ? `; ${waiting} still tried by the node that answered` : '';
  stdout.write(`${total} dead ${total === 1 ? 'letter' : 'letters'}${shown}${tried}\n`);
}

async function one(call: ControlCall, action: Action, id: string, stdout: Output): Promise<void> {
  const path = `/${encodeURIComponent(id)}`;
  if (action === 'show') {
    stdout.write(`${JSON.stringify(await ask(call, 'GET', path), undefined, 2)}\n`);
  } else if (action === 'replay') {
    await ask(call, 'POST', `${path}/replay`);
    stdout.write(`Tried again: ${id}\n`);
  } else {
    await ask(call, 'DELETE', path);
    stdout.write(`Dropped: ${id}\n`);
  }
}

/** In portions; until nothing is left, or nothing moves any more. */
async function everyOne(call: ControlCall, action: Action, stdout: Output): Promise<void> {
  let count = 0;
  for (;;) {
    const answer =
      action === 'replay' ? await ask(call, 'POST', '/replay') : await ask(call, 'DELETE', '');
    const { replayed, dropped, remaining } = answer as Record<string, number>;
    const moved = replayed ?? dropped ?? 0;
    count += moved;
    if (moved === 0 || remaining === 0) break;
  }
  stdout.write(`${action === 'replay' ? 'Tried again' : 'Dropped'}: ${count}\n`);
}

type Method = Parameters<ControlCall>[0];

async function ask(call: ControlCall, method: Method, path: string): Promise<unknown> {
  const { status, body } = await call(method, `/@api/dead-letters${path}`);
  if (status < 300) return body;
  const message = messageIn(body) ?? `status ${status}`;
  throw new ApplyError(message);
}
