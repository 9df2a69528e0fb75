import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { createBackend, honoHandler } from '../../src/index.ts';

const backend = createBackend({
  endpoint: process.env.WS_ENDPOINT,
  authenticate: (token) => (token === 'let-me-in' ? 'ada' : null),
});
const app = new Hono();
app.use(honoHandler(backend));
app.post('/notify/:user', async (c) =>
  c.json({ delivered: await backend.pushToUser(c.req.param('user'), { type: 'new_content' }) }),
);
const port = Number(process.env.PORT);
export const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' });
