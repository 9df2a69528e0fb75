/**
 * A reader for answers to pushes that makes nothing per answer: no string, no object. Where the field
 * with the body's length was in the answer before, it is looked for again; only when it is not there
 * is the head read the slow way.
 */

const HEAD_END = Buffer.from('\r\n\r\n');
const HEAD_BYTES_MAX = 16_384;
const EMPTY = Buffer.alloc(0);
const LENGTH = /\r\ncontent-length: *(\d+)(?=\r)/i;
const CHUNKED = /\r\ntransfer-encoding:/i;

export class AnswerReader {
  #success;
  #onAnswer;
  #rest = EMPTY;
  /** Of the answer before: the field's bytes, where they began in the head, and what they say. */
  #field = EMPTY;
  #fieldAt = 0;
  #bodyBytes = 0;

  /**
   * `onAnswer` gets whether it was a good one, and its place in a buffer that is only valid during the call.
   *
   * @param {string} success how the head of a good answer begins
   * @param {(isGood: boolean, bytes: Buffer, start: number, end: number) => void} onAnswer
   */
  constructor(success, onAnswer) {
    this.#success = Buffer.from(success, 'latin1');
    this.#onAnswer = onAnswer;
  }

  /**
   * @param {Buffer} buffer
   * @param {number} length of what was read into it
   */
  push(buffer, length) {
    const isAlone = this.#rest.length === 0;
    const bytes = isAlone ? buffer : Buffer.concat([this.#rest, buffer.subarray(0, length)]);
    const end = isAlone ? length : bytes.length;
    let at = 0;
    while (at < end) {
      const next = this.#endOf(bytes, at, end);
      if (next === -1) break;
      this.#onAnswer(isAt(this.#success, bytes, at, end), bytes, at, next);
      at = next;
    }
    this.#rest = at === end ? EMPTY : Buffer.from(bytes.subarray(at, end));
  }

  /**
   * @param {Buffer} bytes
   * @param {number} at
   * @param {number} end
   * @returns {number} where this answer ends; -1 when it has not come whole
   */
  #endOf(bytes, at, end) {
    const headEnd = bytes.indexOf(HEAD_END, at);
    if (headEnd === -1 || headEnd + HEAD_END.length > end) {
      if (end - at > HEAD_BYTES_MAX) throw new Error('HTTP head over 16 KB');
      return -1;
    }
    const fieldAt = at + this.#fieldAt;
    const isKnown = this.#field.length > 0 && isAt(this.#field, bytes, fieldAt, headEnd + 2);
    if (!isKnown) this.#learn(bytes.toString('latin1', at, headEnd + 2));
    const next = headEnd + HEAD_END.length + this.#bodyBytes;
    return next > end ? -1 : next;
  }

  /** @param {string} head */
  #learn(head) {
    const found = LENGTH.exec(head);
    if (found === null && CHUNKED.test(head)) throw new Error('a chunked answer');
    this.#field = found === null ? EMPTY : Buffer.from(`${found[0]}\r`, 'latin1');
    this.#fieldAt = found?.index ?? 0;
    this.#bodyBytes = Number(found?.[1] ?? 0);
  }
}

/**
 * @param {Buffer} wanted
 * @param {Buffer} bytes
 * @param {number} at
 * @param {number} end
 */
function isAt(wanted, bytes, at, end) {
  const wantedEnd = at + wanted.length;
  return wantedEnd <= end && bytes.compare(wanted, 0, wanted.length, at, wantedEnd) === 0;
}
