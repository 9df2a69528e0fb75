import type { Backend } from '../backend.ts';
import type { BackendRequest } from '../routes/request.ts';

/** What is used of a Hono context. */
export interface HonoContextLike {
  readonly req: {
    readonly raw: Request;
    text(): Promise<string>;
  };
}

/**
 * Middleware for Hono: `app.use(honoHandler(backend))`. Paths that are not the backend's go to
 * the next handler.
 */
export function honoHandler(
  backend: Pick<Backend, 'handle'>,
): (context: HonoContextLike, next: () => Promise<void>) => Promise<Response | undefined> {
  return async ({ req }, next) => {
    const { raw } = req;
    const url = new URL(raw.url);
    const answer = await backend.handle({
      method: raw.method,
      url: url.pathname + url.search,
      headers: Object.fromEntries(raw.headers),
      body: bodyOf(req),
    });
    if (answer !== undefined) {
      const body = typeof answer.body === 'string' ? answer.body : Buffer.from(answer.body);
      return new Response(body, { status: answer.status, headers: answer.headers });
    }
    await next();
    return undefined;
  };
}

/** Middleware before this one may have read the body, which Hono then keeps. */
function bodyOf(req: HonoContextLike['req']): BackendRequest['body'] {
  return req.raw.bodyUsed ? once(() => req.text()) : req.raw.body;
}

async function* once(read: () => Promise<string>): AsyncGenerator<string> {
  yield await read();
}
