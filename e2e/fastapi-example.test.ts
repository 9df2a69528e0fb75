import { expect, test } from 'vitest';
import { useCleanup } from './support/cleanup.ts';
import { eventually } from './support/eventually.ts';
import { fastApiClient } from './support/fastapi.ts';
import { freePort } from './support/free-port.ts';
import { startProcess } from './support/process.ts';
import { descendants, isAlive } from './support/process-tree.ts';
import { openSocket } from './support/socket.ts';
import { describeWith, PYTHON } from './support/tools.ts';

describeWith(['boto3', 'fastapi'], 'the FastAPI example, by its one command', () => {
  const cleanup = useCleanup();

  test('run.sh starts backend and gateway, a push arrives, and Ctrl-C ends both', async () => {
    const port = await freePort();
    const gatewayPort = await freePort();
    const running = await startProcess(cleanup, {
      file: 'examples/fastapi/run.sh',
      args: [],
      env: { PORT: String(port), GATEWAY_PORT: String(gatewayPort), PYTHON },
      ready: /^Postern ready on /,
      ownGroup: true,
    });
    const url = `http://127.0.0.1:${port}`;
    await eventually('the backend', async () => (await fetch(`${url}/docs`)).ok);

    const socket = await openSocket(
      cleanup,
      `ws://127.0.0.1:${gatewayPort}/production?token=token-of-ada`,
    );
    const backend = fastApiClient(url, 'let-me-in');
    const answer = await backend.as('grace', 'POST', '/articles', { title: 'Field notes' });
    expect(answer).toEqual({ delivered: ['ada'] });
    expect(JSON.parse(await socket.next())).toMatchObject({ type: 'new_content' });
    expect(await backend.connections()).toMatchObject([{ user_id: 'ada' }]);
    expect(running.lines.join('\n')).not.toContain('token-of-ada');

    const children = descendants(running.pid);
    process.kill(-running.pid, 'SIGINT');
    expect(await running.ended).toBe(0);
    await eventually('both to end', () => !children.some(isAlive));
  });
});
