import type { InPlaceHandler, RequestHandler } from '../node-bus.ts';

type Handler = (bytes: Buffer, start: number, end: number, from: string) => Result;

/** `undefined` where there is no handler, or it failed. A promise of it never rejects. */
export type Result = Uint8Array | undefined | Promise<Uint8Array | undefined>;

/** Who answers what. */
export class Topics {
  readonly #handlers = new Map<string, Handler>();
  /** Of the request before: nearly all are pushes, and a text that is not made need not be looked up. */
  #lastTopic = '';
  #lastHandler: Handler | undefined;

  add(topic: string, handler: RequestHandler): void {
    // What it is handed is its own, whatever becomes of what it was read from.
    this.#add(topic, (bytes, start, end, from) => {
      const result = handler(Buffer.from(bytes.subarray(start, end)), from);
      return result instanceof Promise ? result.catch(warn) : result;
    });
  }

  addInPlace(topic: string, handler: InPlaceHandler): void {
    this.#add(topic, handler);
  }

  #add(topic: string, handler: Handler): void {
    if (topic.length > 255) throw new Error('A topic has at most 255 characters');
    if (this.#handlers.has(topic)) throw new Error(`${topic} is answered already`);
    this.#handlers.set(topic, handler);
  }

  /** The topic stands before the payload, behind its length. */
  serve(from: string, bytes: Buffer, start: number, end: number): Result {
    const topicAt = start + 1;
    const payloadAt = topicAt + (bytes[start] ?? 0);
    if (!isThere(this.#lastTopic, bytes, topicAt, payloadAt)) {
      this.#lastTopic = bytes.toString('latin1', topicAt, payloadAt);
      this.#lastHandler = this.#handlers.get(this.#lastTopic);
    }
    return call(this.#lastHandler, from, bytes, payloadAt, end);
  }

  run(topic: string, from: string, bytes: Buffer, start: number, end: number): Result {
    return call(this.#handlers.get(topic), from, bytes, start, end);
  }
}

function isThere(text: string, bytes: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let at = 0; at < text.length; at += 1) {
    if (bytes[start + at] !== text.charCodeAt(at)) return false;
  }
  return true;
}

function call(
  handler: Handler | undefined,
  from: string,
  bytes: Buffer,
  start: number,
  end: number,
): Result {
  try {
    return handler?.(bytes, start, end, from);
  } catch (error) {
    return warn(error);
  }
}

/** A handler that fails is a bug of its own; the bus goes on. */
function warn(error: unknown): undefined {
  process.emitWarning(error instanceof Error ? error : String(error));
}
