import type { RecordingBackend } from './recording-backend.ts';
import type { TestGateway } from './start-gateway.ts';
import { connect } from './test-socket.ts';

/**
 * A client of a gateway that stops while its message is being processed for longer than the drain waits.
 * Resolves with the code that the client saw, when the gateway has stopped.
 */
export async function cutOff(
  { gateway, backend }: { gateway: TestGateway; backend: RecordingBackend },
  url: string,
): Promise<number> {
  backend.answer('/message', () => {});
  const socket = await connect(url);
  socket.send('x');
  await backend.requests('/message').next();
  const stopped = gateway.gateway.stop({ drainSeconds: 5 });
  gateway.clock.advance(5000);
  await stopped;
  return (await socket.closed).code;
}
