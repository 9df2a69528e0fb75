/**
 * A fault of the gateway itself, made here by a clock that sets no deadline for a backend: whoever waits is answered
 * as AWS answers its own faults, the fault is logged once, and everybody else is served on.
 */
import { expect, test } from 'vitest';
import { limits } from '../src/wire/limits.ts';
import { connect, refusal } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

const running = useGateway();

/** From now on every call of a backend fails in a way that no code foresees, until it is undone. */
function breakTimers(): () => void {
  const { clock, errors } = running.gateway;
  // Calls of one length share a timer: the one that is set passes first.
  clock.advance(limits.integrationTimeoutMillisMax);
  const after = clock.after.bind(clock);
  clock.after = (millis, action) => {
    if (millis === limits.integrationTimeoutMillisMax) throw new Error('no timer today');
    return after(millis, action);
  };
  return () => {
    clock.after = after;
    expect(errors.splice(0)).toEqual([expect.any(String), new Error('no timer today')]);
  };
}

function startApi() {
  const url = `${running.backend.url}/any`;
  return running.gateway.createApi({ routes: { $connect: { url }, $default: { url } } });
}

test('in a message it is an Internal server error frame, and the connection lives on', async () => {
  const { gateway, backend } = running;
  const api = await startApi();
  const socket = await connect(api.wsUrl);
  await backend.requests('/any').next();
  const mend = breakTimers();
  socket.send('one');
  expect(await socket.next()).toMatch(
    /^\{"message": "Internal server error", "connectionId":"[^"]+", "requestId":"[^"]+"\}$/,
  );
  await gateway.gateway.settled();
  mend();
  socket.send('two');
  expect((await backend.requests('/any').next()).text).toBe('two');
});

test('in a handshake it is a 500 that tells nothing of it', async () => {
  const api = await startApi();
  const mend = breakTimers();
  const { status, body } = await refusal(api.wsUrl);
  expect(status).toBe(500);
  expect(body).toMatch(
    /^\{"message": "Internal server error", "connectionId":"[^"]+", "requestId":"[^"]+"\}$/,
  );
  mend();
  expect((await connect(api.wsUrl)).headers).toHaveProperty('upgrade', 'websocket');
});
