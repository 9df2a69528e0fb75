import fastify from 'fastify';
import { createBackend, fastifyPlugin } from '../../src/index.ts';

const backend = createBackend({
  endpoint: process.env.WS_ENDPOINT,
  authenticate: (token) => (token === 'let-me-in' ? 'ada' : null),
});
const app = fastify();
app.register(fastifyPlugin(backend));
app.post<{ Params: { user: string } }>('/notify/:user', async ({ params }) => ({
  delivered: await backend.pushToUser(params.user, { type: 'new_content' }),
}));
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
export const { server } = app;
