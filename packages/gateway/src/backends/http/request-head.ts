/** The first line and the headers of a request, as bytes want them (RFC 9112). */
export interface RequestHead {
  readonly method: string;
  /** Path and query, encoded. */
  readonly path: string;
  /** Name, value, name, value; a text's characters are its bytes. Spelling is kept. */
  readonly headers: readonly string[];
  /** Sent unless the headers have one. */
  readonly host: string;
  /** Bytes of the body; `null` when there is none. */
  readonly bodyBytes: number | null;
}

/** A request that could not be written without becoming another one. */
export class RequestError extends Error {}

const METHOD = /^[A-Z]{1,32}$/;
const PATH = /^\/[\x21-\xff]*$/;
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Say where a request ends and what becomes of its connection: nobody's to set but ours. */
const OURS =
  /^(?:connection|content-length|expect|keep-alive|te|trailer|transfer-encoding|upgrade)$/i;
/** Methods that say how long their body is even when they have none. */
const TELLS_LENGTH = new Set(['POST', 'PUT', 'PATCH']);

/** Whether it can stand in a request line. */
export const isRequestPath = (path: string) => PATH.test(path);

/** Latin-1 text, up to and with the empty line. Throws `RequestError`. */
export function requestHead({ method, path, headers, host, bodyBytes }: RequestHead): string {
  if (!METHOD.test(method) || !PATH.test(path)) throw new RequestError('invalid request line');
  let hasHost = false;
  let lines = '';
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at]!;
    const value = headers[at + 1]!;
    if (!NAME.test(name) || OURS.test(name) || !VALUE.test(value)) {
      throw new RequestError(`invalid header "${name}"`);
    }
    if (name.length === 4 && name.toLowerCase() === 'host') hasHost = true;
    lines += `${name}: ${value}\r\n`;
  }
  const hostLine = hasHost ? '' : `host: ${host}\r\n`;
  const tellsLength = bodyBytes !== null || TELLS_LENGTH.has(method);
  const length = tellsLength ? `content-length: ${bodyBytes ?? 0}\r\n` : '';
  return `${method} ${path} HTTP/1.1\r\n${hostLine}connection: keep-alive\r\n${lines}${length}\r\n`;
}
