import { limits } from '../limits.ts';
import type { BackendRequest } from './request.ts';

/** The body of a request, or why there is none. */
export type Body =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'too-large' }
  /** The sender went away before the end. */
  | { readonly kind: 'broken' };

export async function readBody(source: BackendRequest['body']): Promise<Body> {
  if (source === undefined || source === null) return join([]);
  if (typeof source === 'string' || source instanceof Uint8Array) return join([source]);
  const chunks: (string | Uint8Array)[] = [];
  let bytes = 0;
  try {
    for await (const chunk of source) {
      bytes += Buffer.byteLength(chunk);
      // A sender cut off in mid-body sees a broken socket instead of the 413: let it finish.
      if (bytes <= limits.messageBytesMax) chunks.push(chunk);
      else if (bytes > limits.discardedBytesMax) break;
    }
  } catch {
    return { kind: 'broken' };
  }
  return bytes > limits.messageBytesMax ? { kind: 'too-large' } : join(chunks);
}

function join(chunks: readonly (string | Uint8Array)[]): Body {
  const bytes = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk as Uint8Array)));
  if (bytes.length > limits.messageBytesMax) return { kind: 'too-large' };
  return { kind: 'bytes', bytes };
}
