import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Backend } from '../backend.ts';
import { type BackendRequest, json } from '../routes/request.ts';

/**
 * A request listener for node:http, and middleware for Express and Connect. Paths that are not
 * the backend's go to `next`, or are answered 404 where there is none.
 */
export function nodeHandler(
  backend: Pick<Backend, 'handle'>,
): (req: IncomingMessage, res: ServerResponse, next?: (error?: unknown) => void) => void {
  return (req, res, next) => {
    const request: BackendRequest = {
      method: req.method ?? 'GET',
      url: req.url ?? '/',
      originalUrl: originalUrlOf(req),
      headers: req.headers,
      body: bodyOf(req),
    };
    backend.handle(request).then(
      (answer) => {
        if (answer === undefined && next) return next();
        const { status, headers, body } = answer ?? json(404, { message: 'Not Found' });
        res.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
        res.end(body);
      },
      next ?? (() => res.destroy()),
    );
  };
}

/** Express and Connect keep what they cut a mount path off. */
function originalUrlOf(req: IncomingMessage & { readonly originalUrl?: unknown }) {
  return typeof req.originalUrl === 'string' ? req.originalUrl : undefined;
}

/** The stream itself or, where a parser such as `express.json()` came first, what it left. */
function bodyOf(req: IncomingMessage & { readonly body?: unknown }): BackendRequest['body'] {
  if (!req.readableDidRead) return req;
  const { body } = req;
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  return body === undefined ? '' : JSON.stringify(body);
}
