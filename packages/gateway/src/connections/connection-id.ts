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

/** What a character of base64 or base64url stands for. */
const SIX_BITS = new Uint8Array(128);
for (const alphabet of ['+/', '-_']) {
  const all = `ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789${alphabet}`;
  for (let at = 0; at < all.length; at += 1) SIX_BITS[all.charCodeAt(at)] = at;
}

/** By their four bytes. Pushes name few nodes and many connections. */
const incarnations = new Map<number, string>();
const INCARNATIONS_KEPT = 1024;

/** The incarnation of the node that a connection id names, whether or not there ever was such a node. */
export function incarnationOf(connectionId: string): string {
  let bits = 0;
  for (let at = 0; at < 5; at += 1) bits = (bits << 6) | sixBits(connectionId, at);
  bits = (bits << 2) | (sixBits(connectionId, 5) >> 4);
  let incarnation = incarnations.get(bits);
  if (incarnation === undefined) {
    incarnation = (bits >>> 0).toString(16).padStart(2 * incarnationBytes, '0');
    if (incarnations.size >= INCARNATIONS_KEPT) incarnations.clear();
    incarnations.set(bits, incarnation);
  }
  return incarnation;
}

function sixBits(text: string, at: number): number {
  return SIX_BITS[text.charCodeAt(at) & 127]!;
}

/** 11 bytes (the form until about 2025) or 13 bytes in base64 or base64url, padded or not. */
const SHAPE = /^(?:[A-Za-z0-9_+/-]{15}=?|[A-Za-z0-9_+/-]{18}(?:==)?)$/;

/** Whether a text could be a connection id at all: AWS answers 400 to others, 410 to dead ones. */
export function isConnectionId(text: string): boolean {
  return SHAPE.test(text);
}
