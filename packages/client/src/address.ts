import type { ResolvedOptions } from './options.ts';

/** What one attempt connects to. `shown` is safe to print: it has no query and so no token. */
export interface Address {
  readonly url: string;
  readonly shown: string;
}

/** Asks for the URL and the token anew, and joins them as API Gateway passes them on: a query. */
export async function fetchAddress(options: ResolvedOptions): Promise<Address> {
  const [url, token] = await Promise.all([ask('url', options.url), fetchToken(options)]);
  const shown = url.replace(/[?#].*$/s, '');
  if (token === undefined) return { url, shown };
  const separator = url.includes('?') ? '&' : '?';
  const name = encodeURIComponent(options.tokenParameter);
  return { url: `${url}${separator}${name}=${encodeURIComponent(token)}`, shown };
}

/** The current token, or undefined when the client was given none to use. */
export async function fetchToken({ token }: ResolvedOptions): Promise<string | undefined> {
  return token === undefined ? undefined : ask('token', token);
}

async function ask(name: string, source: string | (() => string | Promise<string>)) {
  const value = typeof source === 'function' ? await source() : source;
  // A page that is not signed in must not connect as somebody called "undefined".
  if (typeof value !== 'string' || value === '') throw new TypeError(`\`${name}\` gave no string`);
  return value;
}
