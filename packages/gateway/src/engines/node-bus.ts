/**
 * How the nodes of one gateway know of each other and talk. A node is one process, for as long as it
 * runs: its incarnation is drawn when it starts, and stands in the first bytes of the id of each of its
 * connections. So an id says where its connection lives, and whether it can be alive at all.
 */
export interface NodeBus {
  /**
   * This node's incarnation: eight hexadecimal digits, never drawn by two nodes of the same state.
   * Known once the engine has started. Changes only when `onExpelled` is called.
   */
  readonly self: string;
  /**
   * Incarnations of all nodes that are alive as far as this one knows, itself included. Complete when
   * `start` resolves; later ones appear within a second.
   */
  members(): readonly string[];
  isMember(incarnation: string): boolean;
  /**
   * Calls `listener` once for each other node that is no member any more, whether it stopped or died:
   * its connections are gone, and it will never come back under this incarnation. How long that takes
   * is the engine's matter (`embedded`: at once; `redis`: some seconds without a heartbeat), and so is
   * whether nodes that ended before this one started are told of: they may be.
   */
  onGone(listener: (incarnation: string) => void): () => void;
  /**
   * Calls `listener` after the others took this node for dead while it lived, because they did not hear
   * of it for too long: its connections were given up. `self` is a new incarnation by then.
   */
  onExpelled(listener: () => void): () => void;
  /** Answers the requests of one topic, those of this node to itself included. One handler a topic. */
  answer(topic: string, handler: RequestHandler): void;
  /** The same for a handler that answers at once and keeps nothing of what it is given. */
  answerInPlace(topic: string, handler: InPlaceHandler): void;
  /**
   * Asks the node `to` and resolves with what became of it, never later than `millis` and some
   * scheduling. The handler runs at most once. Requests of one node to another reach their handlers in
   * the order they were made. Many at once share a write.
   *
   * Never rejects for what happens outside this process.
   */
  request(to: string, topic: string, payload: Uint8Array, millis: number): Promise<BusReply>;
  /** The same without a promise, for what is asked with every push. Tells nothing before it returns. */
  ask(to: string, topic: string, payload: Uint8Array, millis: number, asker: Asker): void;
  /** Hands `payload` to the handler of each other member, at most once, and waits for nobody. */
  broadcast(topic: string, payload: Uint8Array): void;
}

/** `payload` belongs to the handler. A handler that throws is a request without an answer. */
export type RequestHandler = (payload: Buffer, from: string) => Uint8Array | Promise<Uint8Array>;

/** The payload stands in `bytes` from `start` to `end`, and is good until the call returns. */
export type InPlaceHandler = (bytes: Buffer, start: number, end: number) => Uint8Array;

/** Whoever has asked. Exactly one of these is called, once; neither may throw. */
export interface Asker {
  /** What the handler said stands in `bytes` from `start` to `end`, and is good until the call returns. */
  answered(bytes: Buffer, start: number, end: number): void;
  unanswered(kind: Exclude<BusReply['kind'], 'answered'>): void;
}

export type BusReply =
  /** The handler ran, and this is what it said. */
  | { readonly kind: 'answered'; readonly payload: Buffer }
  /** There is no such member, or it ended before it answered. */
  | { readonly kind: 'gone' }
  /** So much waits for that node that nothing was handed over. */
  | { readonly kind: 'busy' }
  /** No answer in time, or no way to ask. The handler may have run. */
  | { readonly kind: 'unanswered' };

/** Bytes of requests to one node that may wait for their answers; one more is `busy`. */
export const busBytesMax = 16 * 1024 * 1024;
/** Requests to one node that may wait for their answers, whatever their length. */
export const busRequestsMax = 20_000;
