import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { useCleanup } from './support/cleanup.ts';
import { eventually } from './support/eventually.ts';
import { type RunningProcess, startProcess } from './support/process.ts';
import { commandOf, descendants, isAlive } from './support/process-tree.ts';

const ready = /^\s+Page\s+(http:\/\/127\.0\.0\.1:\d+)/;
const anyPorts = ['--port', '0', '--gateway-port', '0'];

describe('npm start', () => {
  const cleanup = useCleanup();

  async function expectRunning({ ready }: RunningProcess): Promise<void> {
    const page = await fetch(ready[1]!);
    expect(page.status).toBe(200);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain('<title>Postern notifications</title>');
    const client = await fetch(`${ready[1]}/client/index.js`);
    expect(client.headers.get('content-type')).toContain('text/javascript');
  }

  async function expectGone(pids: readonly number[]): Promise<void> {
    await eventually('every process to end', () => !pids.some(isAlive));
  }

  const npmStart = () =>
    startProcess(cleanup, {
      file: 'npm',
      args: ['start', '--', ...anyPorts],
      ready,
      ownGroup: true,
    });

  test('prints the address of a page, and one Ctrl-C in the terminal ends everything', async () => {
    const running = await npmStart();
    await expectRunning(running);
    const children = descendants(running.pid);
    // A terminal sends the signal to everything it started; npm and its shell end by it too.
    process.kill(-running.pid, 'SIGINT');
    expect([0, 130, 'SIGINT']).toContain(await running.ended);
    await expectGone(children);
  });

  test('a signal to npm alone leaves nothing running', async () => {
    const running = await npmStart();
    const children = descendants(running.pid);
    running.signal('SIGTERM');
    await running.ended;
    await expectGone(children);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s to the starter alone ends everything, with exit code 0',
    async (signal) => {
      const running = await startProcess(cleanup, {
        file: process.execPath,
        args: ['scripts/start.mjs', ...anyPorts],
        ready,
      });
      const children = descendants(running.pid);
      expect(children.length).toBeGreaterThanOrEqual(process.platform === 'linux' ? 2 : 0);
      running.signal(signal);
      expect(await running.ended).toBe(0);
      await expectGone(children);
    },
  );

  test('a port that is taken is named in one clear sentence', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    cleanup.defer(() => squatter.close());
    await new Promise((resolve) => squatter.once('listening', resolve));
    const { port } = squatter.address() as AddressInfo;
    const running = await startProcess(cleanup, {
      file: process.execPath,
      args: ['scripts/start.mjs', '--port', String(port)],
      ready: /^Port (\d+) is taken by another program. Choose another with --port.$/,
    });
    expect(running.ready[1]).toBe(String(port));
    expect(await running.ended).toBe(1);
  });

  test('a gateway that dies takes the rest with it, and says so', async () => {
    const running = await startProcess(cleanup, {
      file: process.execPath,
      args: ['scripts/start.mjs', ...anyPorts],
      ready,
    });
    const children = descendants(running.pid);
    const gateway = children.find((pid) => commandOf(pid).includes('bin/postern.js'));
    process.kill(gateway!, 'SIGKILL');
    expect(await running.ended).toBe(1);
    expect(running.lines.join('\n')).toContain('The gateway ended by itself (SIGKILL)');
    await expectGone(children);
  });
});
