import { createServer } from 'node:http';
import { createBackend, nodeHandler } from '../../src/index.ts';

const backend = createBackend({
  endpoint: process.env.WS_ENDPOINT,
  authenticate: (token) => (token === 'let-me-in' ? 'ada' : null),
});
const handler = nodeHandler(backend);
export const server = createServer((req, res) =>
  handler(req, res, async () => {
    const delivered = await backend.pushToUser('ada', { type: 'new_content' });
    res.end(JSON.stringify({ delivered }));
  }),
);
server.listen(Number(process.env.PORT), '127.0.0.1');
