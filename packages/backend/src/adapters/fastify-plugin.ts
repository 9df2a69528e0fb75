import type { IncomingHttpHeaders } from 'node:http';
import type { Backend } from '../backend.ts';
import type { BackendRequest } from '../routes/request.ts';

/** What is used of a Fastify instance. */
export interface FastifyLike {
  readonly prefix: string;
  removeAllContentTypeParsers(): void;
  addContentTypeParser(
    contentType: string,
    parser: (
      request: unknown,
      payload: AsyncIterable<Uint8Array>,
      done: (error: Error | null, body?: unknown) => void,
    ) => void,
  ): unknown;
  all(
    path: string,
    handler: (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown>,
  ): unknown;
}

export interface FastifyRequestLike {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface FastifyReplyLike {
  code(status: number): unknown;
  headers(values: Record<string, string>): unknown;
  send(body: string | Uint8Array): unknown;
  callNotFound(): unknown;
}

/**
 * A plugin for Fastify: `app.register(fastifyPlugin(backend))`, with a `prefix` if you like. It
 * adds the backend's routes; how the rest of the application parses bodies stays untouched.
 */
export function fastifyPlugin(
  backend: Pick<Backend, 'handle' | 'routes'>,
): (instance: FastifyLike) => Promise<void> {
  return async (instance) => {
    instance.removeAllContentTypeParsers();
    instance.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    for (const path of new Set(backend.routes.map((entry) => entry.path))) {
      instance.all(path, async (request, reply) => {
        const answer = await backend.handle({
          method: request.method,
          url: request.url.slice(instance.prefix.length),
          originalUrl: request.url,
          headers: request.headers,
          body: request.body as BackendRequest['body'],
        });
        if (answer === undefined) return reply.callNotFound();
        reply.code(answer.status);
        reply.headers({ ...answer.headers });
        return reply.send(answer.body);
      });
    }
  };
}
