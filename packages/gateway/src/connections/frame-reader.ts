/**
 * Frames as a client sends them (RFC 6455, section 5), where no extension was agreed on. Strict: the first
 * frame that breaks a rule is the last thing that is read. The bytes may come cut anywhere. One read may
 * bring thousands of messages: whoever has enough of them holds the reader, also from within its call.
 */
import { isUtf8 } from 'node:buffer';
import { type Close, closes } from '../wire/close-codes.ts';
import { opcodes } from './frame.ts';
import { type FrameLimits, fragmentsMax } from './frame-limits.ts';
import { unmask } from './unmask.ts';

/** Whoever is told what was read. The bytes handed over are the sink's own. */
export interface FrameSink {
  receivedMessage(data: Buffer, isBinary: boolean): void;
  receivedPing(data: Buffer): void;
  /** Nothing more is read. `code` is 1005 where the frame had none. */
  receivedClose(code: number, reason: string): void;
  /** The client broke a rule, and is owed this close frame. Nothing more is read. */
  violated(close: Close): void;
}

/** Two bytes, eight of length, four of mask. */
const HEAD_BYTES_MAX = 14;
const MASK_BYTES = 4;
/** What a frame is given room for before its bytes are there: an announced length costs nothing. */
const ROOM_BYTES_MIN = 1024;
const NO_BYTES = Buffer.alloc(0);
const NO_FRAGMENT = 0;

const FIN = 0x80;
const RESERVED = 0x70;
const OPCODE = 0x0f;
const MASKED = 0x80;
const LENGTH = 0x7f;
const LENGTH_IN_2_BYTES = 126;
const LENGTH_IN_8_BYTES = 127;
/** Of control frames, which have neither fragments nor longer lengths. */
const CONTROL_BYTES_MAX = 125;

export class FrameReader {
  readonly #sink: FrameSink;
  readonly #limits: FrameLimits;
  /** The frame whose head was read last. */
  #first = 0;
  #length = 0;
  #mask = 0;
  /** The beginning of a head, or what has come of a payload; absent between frames. */
  #part: Buffer | undefined;
  #partLength = 0;
  #isInPayload = false;
  /** The message whose fragments are coming: its opcode, its bytes, how many fragments and bytes. */
  #messageOpcode = NO_FRAGMENT;
  #fragments: Buffer[] | undefined;
  #fragmentCount = 0;
  #messageLength = 0;
  #isOver = false;
  /** Nothing is told, until `release`. */
  #isHeld = false;
  /** What was still to be read when it was held, and what has come since. */
  #rest: Buffer | undefined;

  constructor(sink: FrameSink, limits: FrameLimits) {
    this.#sink = sink;
    this.#limits = limits;
  }

  /** Reads `bytes` up to `length`. What has to wait is copied; none of `bytes` themselves is kept. */
  read(bytes: Buffer, length: number): void {
    const at = this.#rest === undefined ? this.#readFrames(bytes, length) : 0;
    if (at === length) return;
    const rest = bytes.subarray(at, length);
    this.#rest = this.#rest === undefined ? Buffer.from(rest) : Buffer.concat([this.#rest, rest]);
  }

  /** From here on nothing is told, until `release`. */
  hold(): void {
    this.#isHeld = true;
  }

  /** What waits is told by `readOn`. */
  release(): void {
    this.#isHeld = false;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Whether something was read that the sink has not been told. */
  get hasRest(): boolean {
    return this.#rest !== undefined;
  }

  /** Reads what waits, until it is held again. */
  readOn(): void {
    const rest = this.#rest;
    if (rest === undefined) return;
    const at = this.#readFrames(rest, rest.length);
    this.#rest = at === rest.length ? undefined : rest.subarray(at);
  }

  /** Returns where it was held, or `end`. */
  #readFrames(bytes: Buffer, end: number): number {
    let at = 0;
    while (at < end && !this.#isHeld) {
      if (this.#isOver) return end;
      at = this.#isInPayload ? this.#readPayload(bytes, at, end) : this.#readHead(bytes, at, end);
    }
    return at;
  }

  /** Returns where the next bytes are to be read. */
  #readHead(bytes: Buffer, at: number, end: number): number {
    if (this.#part === undefined) {
      const headLength = this.#parseHead(bytes, at, end);
      if (headLength > 0) return this.#beginPayload(bytes, at + headLength, end);
      if (this.#isOver) return end;
      this.#part = Buffer.allocUnsafeSlow(HEAD_BYTES_MAX);
    }
    const head = this.#part;
    const before = this.#partLength;
    const added = bytes.copy(head, before, at, Math.min(end, at + HEAD_BYTES_MAX - before));
    this.#partLength += added;
    const headLength = this.#parseHead(head, 0, this.#partLength);
    if (headLength === 0) return end;
    this.#part = undefined;
    this.#partLength = 0;
    return this.#beginPayload(bytes, at + headLength - before, end);
  }

  /** Its length, or 0 while it is not whole, or against the rules. */
  #parseHead(bytes: Buffer, at: number, end: number): number {
    const available = end - at;
    if (available < 2) return 0;
    const first = bytes[at]!;
    const second = bytes[at + 1]!;
    if (this.#isAgainstRules(first, second)) {
      this.#fail(closes.protocolError);
      return 0;
    }
    let length = second & LENGTH;
    let headLength = 2 + MASK_BYTES;
    if (length === LENGTH_IN_2_BYTES) {
      headLength += 2;
      if (available < 4) return 0;
      length = bytes.readUInt16BE(at + 2);
    } else if (length === LENGTH_IN_8_BYTES) {
      headLength += 8;
      if (available < 10) return 0;
      length = bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
    }
    if (isData(first) && this.#isTooLong(length)) {
      this.#fail(closes.tooLong);
      return 0;
    }
    if (available < headLength) return 0;
    this.#first = first;
    this.#length = length;
    this.#mask = bytes.readInt32LE(at + headLength - MASK_BYTES);
    return headLength;
  }

  #isAgainstRules(first: number, second: number): boolean {
    if ((first & RESERVED) !== 0 || (second & MASKED) === 0) return true;
    const isFragmented = this.#messageOpcode !== NO_FRAGMENT;
    switch (first & OPCODE) {
      case opcodes.continuation:
        return !isFragmented;
      case opcodes.text:
      case opcodes.binary:
        return isFragmented;
      case opcodes.close:
        return (second & LENGTH) === 1 || isLongControl(first, second);
      case opcodes.ping:
      case opcodes.pong:
        return isLongControl(first, second);
      default:
        return true;
    }
  }

  #isTooLong(length: number): boolean {
    const { frameBytesMax, messageBytesMax } = this.#limits;
    return length > frameBytesMax || this.#messageLength + length > messageBytesMax;
  }

  #beginPayload(bytes: Buffer, at: number, end: number): number {
    const length = this.#length;
    if (end - at >= length) {
      const payload = length === 0 ? NO_BYTES : Buffer.allocUnsafe(length);
      const bits = unmask(bytes, at, payload, 0, length, this.#mask);
      this.#receive(payload, bits < 0x80);
      return at + length;
    }
    this.#isInPayload = true;
    return at;
  }

  /** A payload that comes in pieces: its room grows with it. */
  #readPayload(bytes: Buffer, at: number, end: number): number {
    const length = this.#length;
    const have = this.#partLength;
    const added = Math.min(end - at, length - have);
    const needed = have + added;
    let part = this.#part;
    if (part === undefined || part.length < needed) {
      const room = Buffer.allocUnsafeSlow(Math.min(length, Math.max(ROOM_BYTES_MIN, needed * 2)));
      if (part !== undefined) part.copy(room, 0, 0, have);
      part = room;
    }
    unmask(bytes, at, part, have, added, this.#mask);
    this.#part = part;
    this.#partLength = needed;
    if (needed === length) {
      this.#part = undefined;
      this.#partLength = 0;
      this.#isInPayload = false;
      this.#receive(part, false);
    }
    return at + added;
  }

  /** A whole frame. `isAscii`: known to be; otherwise it may be. */
  #receive(payload: Buffer, isAscii: boolean): void {
    const first = this.#first;
    const opcode = first & OPCODE;
    if (opcode === opcodes.ping) this.#sink.receivedPing(payload);
    else if (opcode === opcodes.close) this.#receiveClose(payload);
    else if (isData(first)) this.#receiveData(payload, opcode, (first & FIN) !== 0, isAscii);
  }

  #receiveData(payload: Buffer, opcode: number, isFinal: boolean, isAscii: boolean): void {
    const isWhole = isFinal && this.#messageOpcode === NO_FRAGMENT;
    if (isWhole) {
      this.#deliver(payload, opcode === opcodes.binary, isAscii);
      return;
    }
    this.#fragmentCount += 1;
    if (this.#fragmentCount > fragmentsMax(this.#limits)) {
      this.#fail(closes.tooManyFragments);
      return;
    }
    if (this.#messageOpcode === NO_FRAGMENT) this.#messageOpcode = opcode;
    this.#messageLength += payload.length;
    this.#fragments ??= [];
    if (payload.length > 0) this.#fragments.push(payload);
    if (!isFinal) return;
    const data = Buffer.concat(this.#fragments, this.#messageLength);
    const isBinary = this.#messageOpcode === opcodes.binary;
    this.#messageOpcode = NO_FRAGMENT;
    this.#fragments = undefined;
    this.#fragmentCount = 0;
    this.#messageLength = 0;
    this.#deliver(data, isBinary, false);
  }

  #deliver(data: Buffer, isBinary: boolean, isAscii: boolean): void {
    if (isBinary || isAscii || isUtf8(data)) this.#sink.receivedMessage(data, isBinary);
    else this.#fail(closes.invalidText);
  }

  #receiveClose(payload: Buffer): void {
    if (payload.length === 0) {
      this.#isOver = true;
      this.#sink.receivedClose(closes.noStatus.code, '');
      return;
    }
    const code = payload.readUInt16BE(0);
    const reason = payload.subarray(2);
    if (!isSendable(code)) {
      this.#fail(closes.protocolError);
    } else if (!isUtf8(reason)) {
      this.#fail(closes.invalidText);
    } else {
      this.#isOver = true;
      this.#sink.receivedClose(code, reason.toString('utf8'));
    }
  }

  #fail(close: Close): void {
    this.#isOver = true;
    this.#part = undefined;
    this.#fragments = undefined;
    this.#sink.violated(close);
  }
}

const isData = (first: number) => (first & OPCODE) < opcodes.close;

const isLongControl = (first: number, second: number) =>
  (first & FIN) === 0 || (second & LENGTH) > CONTROL_BYTES_MAX;

/** Codes that may stand in a close frame: RFC 6455, section 7.4, and the registry it began. */
function isSendable(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}
