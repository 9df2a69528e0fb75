import express from 'express';
import { createBackend, expressHandler } from '../../src/index.ts';

const backend = createBackend({
  endpoint: process.env.WS_ENDPOINT,
  authenticate: (token) => (token === 'let-me-in' ? 'ada' : null),
});
const app = express();
app.use(expressHandler(backend));
app.post('/notify/:user', async (req, res) => {
  res.json({ delivered: await backend.pushToUser(req.params.user, { type: 'new_content' }) });
});
export const server = app.listen(Number(process.env.PORT), '127.0.0.1');
