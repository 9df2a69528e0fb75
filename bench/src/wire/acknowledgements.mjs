/**
 * What the counting backend tells the load generator over a connection of their own: one record of
 * 12 bytes per message received, the slot and the time of arrival on the machine's clock.
 */

const RECORD_BYTES = 12;
const EMPTY = Buffer.alloc(0);

/** Collects records until they are taken, all those of one turn of the event loop together. */
export class AcknowledgementWriter {
  #bytes = Buffer.allocUnsafe(RECORD_BYTES * 1024);
  #length = 0;

  /**
   * @param {number} slot
   * @param {number} arrivedAtMicros
   */
  add(slot, arrivedAtMicros) {
    if (this.#length === this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes], this.#bytes.length * 2);
    }
    this.#bytes.writeUInt32LE(slot, this.#length);
    this.#bytes.writeDoubleLE(arrivedAtMicros, this.#length + 4);
    this.#length += RECORD_BYTES;
  }

  /** @returns {Buffer} a copy of the records so far, which are then forgotten */
  take() {
    const records = Buffer.from(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
    return records;
  }
}

export class AcknowledgementReader {
  #rest = EMPTY;
  #onAcknowledged;

  /** @param {(slot: number, arrivedAtMicros: number) => void} onAcknowledged */
  constructor(onAcknowledged) {
    this.#onAcknowledged = onAcknowledged;
  }

  /** @param {Buffer} chunk */
  push(chunk) {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (; bytes.length - at >= RECORD_BYTES; at += RECORD_BYTES) {
      this.#onAcknowledged(bytes.readUInt32LE(at), bytes.readDoubleLE(at + 4));
    }
    this.#rest = at === bytes.length ? EMPTY : Buffer.from(bytes.subarray(at));
  }
}
