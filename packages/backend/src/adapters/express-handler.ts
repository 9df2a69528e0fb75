import type { Backend } from '../backend.ts';
import { nodeHandler } from './node-handler.ts';

/**
 * Middleware for Express: `app.use(expressHandler(backend))`, before `express.json()` so that
 * messages arrive as they were sent. Mounted under a path, it sees the rest of the path.
 */
export function expressHandler(backend: Pick<Backend, 'handle'>): ReturnType<typeof nodeHandler> {
  return nodeHandler(backend);
}
