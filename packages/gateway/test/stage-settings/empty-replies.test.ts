import { describe, expect, test } from 'vitest';
import { connect } from '../support/test-socket.ts';
import { useBench } from './support.ts';

const bench = useBench();

describe('suppressEmptyReplies', () => {
  const echo = (settings: { suppressEmptyReplies?: boolean }) =>
    bench.api(settings, { $default: { url: `${bench.backend.url}/echo`, twoWay: true } });

  test.each([
    [true, ['after']],
    [false, ['', 'after']],
  ])('%s: a client that is answered nothing, then something, receives %j', async (on, expected) => {
    bench.backend.answer('/echo', ({ text }, response) =>
      response.end(text === 'nothing' ? '' : text),
    );
    const socket = await connect((await echo({ suppressEmptyReplies: on })).wsUrl);
    socket.send('nothing');
    await bench.backend.requests('/echo').next();
    while ((await bench.gateway.events.next()).kind !== 'message');
    socket.send('after');
    const received = [await socket.next()];
    while (received.at(-1) !== 'after') received.push(await socket.next());
    expect(received).toEqual(expected);
  });
});
