import { join } from 'node:path';
import { expect, test } from 'vitest';
import { useCleanup } from '../../../e2e/support/cleanup.ts';
import { eventually } from '../../../e2e/support/eventually.ts';
import { startProcess } from '../../../e2e/support/process.ts';
import { descendants, isAlive } from '../../../e2e/support/process-tree.ts';
import { openSocket } from '../../../e2e/support/socket.ts';

const cleanup = useCleanup();

test('npx postern dev, two people in the chat, and Ctrl-C leaves nothing running', async () => {
  const running = await startProcess(cleanup, {
    file: 'npx',
    args: ['postern', 'dev', '--ephemeral', '--port', '0'],
    cwd: join(import.meta.dirname, '..'),
    env: { TMPDIR: await cleanup.folder() },
    ready: /^Postern ready on http:(\S+)$/,
    ownGroup: true,
  });
  const url = `ws:${running.ready[1]}/production`;

  const ada = await openSocket(cleanup, `${url}?name=Ada`);
  const grace = await openSocket(cleanup, `${url}?name=Grace`);
  ada.send(JSON.stringify({ action: 'sendMessage', text: 'hello' }));
  const expected = { from: 'Ada', text: 'hello' };
  expect(JSON.parse(await grace.next())).toEqual(expected);
  expect(JSON.parse(await ada.next())).toEqual(expected);
  await expect(openSocket(cleanup, url)).rejects.toThrow('refused with 400: Say who you are');

  const children = descendants(running.pid);
  process.kill(-running.pid, 'SIGINT');
  await running.ended;
  await eventually('all of them to end', () => !children.some(isAlive));
});
