import { type Random, randomText } from '../ambient/random.ts';
import { drawIncarnation, incarnationBytes } from '../engines/bus/incarnation.ts';

/**
 * Connection ids in Amazon's shape: 13 bytes, base64url, 20 characters ending in `==`. The first four
 * bytes are the node's incarnation, drawn at each start: any node can tell from the id alone which
 * node holds a connection, or that the node is gone. Ids are never used twice.
 */
export class ConnectionIds {
  readonly #random: Random;
  #incarnation: Uint8Array;

  constructor(random: Random) {
    this.#random = random;
    this.#incarnation = Buffer.from(drawIncarnation(random), 'hex');
  }

  /** Ids name this incarnation from now on, eight hexadecimal digits. */
  incarnate(incarnation: string): void {
    this.#incarnation = Buffer.from(incarnation, 'hex');
  }

  /** This node's name among others, as it stands at the head of its connections' ids. */
  get node(): string {
    return Buffer.from(this.#incarnation).toString('hex');
  }

  next(): string {
    const bytes = Buffer.concat([this.#incarnation, this.#random.bytes(9)]);
    return `${bytes.toString('base64url')}==`;
  }

  /** As recorded from AWS, a message id ends like the id of its connection. */
  messageId(connectionId: string): string {
    return randomText(this.#random, 6, 'base64url') + connectionId.slice(8);
  }
}

/** The incarnation of the node that a connection id names, whether or not there ever was such a node. */
export function incarnationOf(connectionId: string): string {
  return Buffer.from(connectionId.slice(0, 8), 'base64').toString('hex', 0, incarnationBytes);
}

/** 11 bytes (the form until about 2025) or 13 bytes in base64 or base64url, padded or not. */
const SHAPE = /^(?:[A-Za-z0-9_+/-]{15}=?|[A-Za-z0-9_+/-]{18}(?:==)?)$/;

/** Whether a text could be a connection id at all: AWS answers 400 to others, 410 to dead ones. */
export function isConnectionId(text: string): boolean {
  return SHAPE.test(text);
}
