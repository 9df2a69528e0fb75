/**
 * Connections of other nodes. A connection id names the node that holds it, so nobody is asked where to
 * ask; and this node answers the others for its own.
 */
import type { Asker, BusReply, NodeBus } from '../engines/engine.ts';
import { decodeCall, decodeOutcome, encodeCall, encodeOutcome } from './call-bytes.ts';
import { type CallOutcome, type ConnectionCall, callConnection } from './connection-call.ts';
import { incarnationOf } from './connection-id.ts';
import type { Hub } from './hub.ts';

export type RemoteOutcome = CallOutcome | RemoteFailure;

export type RemoteFailure =
  | { readonly kind: 'gone' }
  /** So much waits for that node that nothing was handed over. */
  | { readonly kind: 'node-busy' }
  /** The node did not answer in time, or cannot be reached: the call may have been carried out. */
  | { readonly kind: 'node-silent' };

const CALL = 'connection-call';
const API = 'connection-api';
/** Who calls an API waits longer than this by default, and is told so in time. */
const ANSWER_MILLIS = 5000;

export class RemoteConnections {
  readonly #bus: NodeBus;

  constructor(bus: NodeBus, hub: Hub) {
    this.#bus = bus;
    bus.answerInPlace(CALL, (bytes, start, end) =>
      encodeOutcome(callConnection(hub, decodeCall(bytes, start, end))),
    );
    bus.answer(API, (payload) => Buffer.from(hub.apiIdOf(payload.toString()) ?? ''));
  }

  /** Whether a connection, should there be one of this id, is another node's. */
  isElsewhere(connectionId: string): boolean {
    return incarnationOf(connectionId) !== this.#bus.self;
  }

  /** Tells what became of it, later. */
  call(call: ConnectionCall, told: (outcome: RemoteOutcome) => void): void {
    const node = incarnationOf(call.connectionId);
    this.#bus.ask(node, CALL, encodeCall(call), ANSWER_MILLIS, new Caller(told));
  }

  /** The API of a connection that is open or expected, or why that is not known. */
  async apiIdOf(connectionId: string): Promise<string | RemoteFailure> {
    const reply = await this.#ask(API, connectionId, Buffer.from(connectionId));
    if (reply.kind !== 'answered') return failure(reply);
    return reply.payload.length > 0 ? reply.payload.toString() : { kind: 'gone' };
  }

  #ask(topic: string, connectionId: string, payload: Buffer): Promise<BusReply> {
    return this.#bus.request(incarnationOf(connectionId), topic, payload, ANSWER_MILLIS);
  }
}

class Caller implements Asker {
  readonly #told: (outcome: RemoteOutcome) => void;

  constructor(told: (outcome: RemoteOutcome) => void) {
    this.#told = told;
  }

  answered(bytes: Buffer, start: number, end: number): void {
    this.#told(decodeOutcome(bytes, start, end));
  }

  unanswered(kind: NoAnswer): void {
    this.#told(failure({ kind }));
  }
}

type NoAnswer = Exclude<BusReply['kind'], 'answered'>;

function failure({ kind }: { readonly kind: NoAnswer }): RemoteFailure {
  if (kind === 'gone') return { kind };
  return { kind: kind === 'busy' ? 'node-busy' : 'node-silent' };
}
