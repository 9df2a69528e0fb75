import type { SignedRequest } from './sigv4.ts';

/** What a signature covers, of a request as Node.js gives it. */
export function signedRequest(
  request: {
    readonly method?: string | undefined;
    readonly url?: string | undefined;
    readonly rawHeaders: readonly string[];
  },
  body: Uint8Array,
): SignedRequest {
  const { method = 'GET', url = '/', rawHeaders } = request;
  const mark = url.indexOf('?');
  return {
    method,
    path: mark < 0 ? url : url.slice(0, mark),
    query: mark < 0 ? '' : url.slice(mark + 1),
    rawHeaders,
    body,
  };
}
