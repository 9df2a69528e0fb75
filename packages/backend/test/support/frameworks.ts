/** The same little application around a backend, once for each framework. */
import { createServer, type Server } from 'node:http';
import { serve } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import {
  type Backend,
  expressHandler,
  fastifyPlugin,
  honoHandler,
  nodeHandler,
} from '../../src/index.ts';
import { listen, type Running, running } from './servers.ts';

/**
 * Starts an application with the backend in it, and beside it `GET /hello`, which answers
 * "hello", and `POST /echo`, which answers the member `text` of its JSON body.
 */
export type StartApplication = (backend: Backend) => Promise<Running>;

export const frameworks: Readonly<Record<string, StartApplication>> = {
  'node:http': (backend) => {
    const handler = nodeHandler(backend);
    return listen(
      createServer((req, res) =>
        handler(req, res, async () => {
          if (req.url === '/hello') return res.end('hello');
          let body = '';
          for await (const chunk of req) body += chunk;
          res.end(JSON.parse(body).text);
        }),
      ),
    );
  },
  Express: (backend) => {
    const app = express();
    app.use(expressHandler(backend));
    app.use(express.json());
    return listen(createServer(expressRoutes(app)));
  },
  'Express with express.json() and a delay before the backend': (backend) => {
    const app = express();
    app.use(express.json({ limit: '1mb', strict: false, type: 'application/json' }));
    app.use((_req, _res, next) => setImmediate(next));
    app.use(expressHandler(backend));
    return listen(createServer(expressRoutes(app)));
  },
  Fastify: async (backend) => {
    const app = fastify();
    app.register(fastifyPlugin(backend));
    app.get('/hello', async () => 'hello');
    app.post('/echo', async (request) => (request.body as { text: string }).text);
    await app.listen({ port: 0, host: '127.0.0.1' });
    return { ...running(app.server), close: () => app.close() };
  },
  Hono: async (backend) => {
    const app = new Hono();
    app.use(honoHandler(backend));
    return serveHono(app);
  },
  'Hono with a middleware that reads the body first': async (backend) => {
    const app = new Hono();
    app.use(async (c, next) => {
      await c.req.text();
      await next();
    });
    app.use(honoHandler(backend));
    return serveHono(app);
  },
};

function expressRoutes(app: express.Express): express.Express {
  app.get('/hello', (_req, res) => void res.send('hello'));
  app.post('/echo', (req, res) => void res.send(req.body.text));
  return app;
}

async function serveHono(app: Hono): Promise<Running> {
  app.get('/hello', (c) => c.text('hello'));
  app.post('/echo', async (c) => c.text((await c.req.json()).text));
  const server = await new Promise<Server>((resolve) => {
    const started = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () =>
      resolve(started as Server),
    );
  });
  return running(server);
}
