/**
 * A reader for HTTP/1.1 messages with a Content-Length, shared by the load generator (answers)
 * and the counting backend (requests). It is cheap, not general: chunked bodies throw.
 */

const HEAD_END = Buffer.from('\r\n\r\n');
const HEAD_BYTES_MAX = 16_384;
const EMPTY = Buffer.alloc(0);
const LENGTH = /\r\ncontent-length: *(\d+)/i;
const CHUNKED = /\r\ntransfer-encoding:/i;

export class HttpMessageReader {
  #rest = EMPTY;
  #onMessage;

  /**
   * `onMessage` gets the head (start line and headers, without the empty line) and the body's
   * place in a buffer that is only valid during the call.
   *
   * @param {(head: string, bytes: Buffer, start: number, end: number) => void} onMessage
   */
  constructor(onMessage) {
    this.#onMessage = onMessage;
  }

  /** @param {Buffer} chunk */
  push(chunk) {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (at < bytes.length) {
      const headEnd = bytes.indexOf(HEAD_END, at);
      if (headEnd === -1) {
        if (bytes.length - at > HEAD_BYTES_MAX) throw new Error('HTTP head over 16 KB');
        break;
      }
      const head = bytes.toString('latin1', at, headEnd);
      const start = headEnd + HEAD_END.length;
      const end = start + contentLength(head);
      if (bytes.length < end) break;
      this.#onMessage(head, bytes, start, end);
      at = end;
    }
    this.#rest = at === bytes.length ? EMPTY : Buffer.from(bytes.subarray(at));
  }
}

/** @param {string} head */
function contentLength(head) {
  const found = LENGTH.exec(head);
  if (found !== null) return Number(found[1]);
  if (CHUNKED.test(head)) throw new Error('chunked HTTP message, the bench reads none');
  return 0;
}
