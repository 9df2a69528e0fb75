import { pathOf, queryOf } from '../wire/request-url.ts';
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
  return { method, path: pathOf(url), query: queryOf(url), rawHeaders, body };
}
