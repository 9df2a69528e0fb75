/** What a backend may answer at most: an integration's quota on AWS, 10 MB. */
import { expect, test } from 'vitest';
import { RESPONSE_BYTES_MAX } from '../../src/backends/http-caller.ts';
import { refusal } from '../support/test-socket.ts';
import { useGateway } from '../support/use-gateway.ts';

const at = useGateway();

async function refusedWith(bytes: number) {
  at.backend.answer('/connect', (_, response) => {
    response.on('error', () => {});
    response.writeHead(403).end(Buffer.alloc(bytes, 'x'));
  });
  const api = await at.gateway.createApi({
    routes: { $connect: { url: `${at.backend.url}/connect` } },
  });
  const { status, body } = await refusal(api.wsUrl);
  return { status, length: body.length };
}

test('an answer of 10 MB is passed on', async () => {
  expect(RESPONSE_BYTES_MAX).toBe(10_485_760);
  expect(await refusedWith(10_485_760)).toEqual({ status: 403, length: 10_485_760 });
});

test('one of a byte more is not, and not read further', async () => {
  expect(await refusedWith(10_485_761)).toMatchObject({ status: 500 });
});
