import { expectTypeOf, test } from 'vitest';
import type { WebSocket as NodeWebSocket } from 'ws';
import type { Client, Timers, WebSocketConstructor } from '../src/index.ts';

interface Pushes {
  new_comment: { thread_id: string };
  unread_counts: { counts: Record<string, number> };
}

// Never called: it is here for the compiler.
function useClient(client: Client<Pushes>, untyped: Client): void {
  client.on('new_comment', (message) => {
    expectTypeOf(message.thread_id).toEqualTypeOf<string>();
    expectTypeOf(message.type).toEqualTypeOf<'new_comment'>();
  });
  // @ts-expect-error: this type is not in the map
  client.on('new_coment', () => {});
  client.on('*', (message) => expectTypeOf(message.type).toEqualTypeOf<string>());
  untyped.on('anything', (message) => {
    expectTypeOf(message.type).toEqualTypeOf<'anything'>();
    expectTypeOf(message.field).toEqualTypeOf<unknown>();
  });
  // @ts-expect-error: states are read, not written
  client.state = 'open';
}

test('the WebSocket classes of the browser and of ws fit, and so do the global timers', () => {
  expectTypeOf<typeof NodeWebSocket>().toExtend<WebSocketConstructor>();
  expectTypeOf<typeof WebSocket>().toExtend<WebSocketConstructor>();
  expectTypeOf({
    now: Date.now,
    setTimeout,
    clearTimeout,
    setInterval,
    clearInterval,
  }).toExtend<Timers>();
});

test('handlers know the shape of the messages of their type', () => {
  expectTypeOf(useClient).toBeFunction();
});
