/**
 * The other nodes, as far as operations go: an operation is carried out where its connection lives, or on
 * every node, and what the nodes answer is put together. Over the bus, whose requests only nodes make.
 */
import { incarnationOf, isConnectionId } from '../connections/connection-id.ts';
import type { NodeBus } from '../engines/engine.ts';
import { type ExceptionName, ServiceException } from '../wire/exceptions.ts';

/** An operation as it travels from the node that was asked to another. */
export interface PeerCall {
  readonly operation: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: string;
  readonly bytes: Buffer;
}

export interface Gathered {
  readonly answers: readonly unknown[];
  /** Nodes that did not answer in time. */
  readonly silent: readonly string[];
}

const TOPIC = 'operation';
const ANSWER_MILLIS = 5000;

type Answer =
  | { readonly value: unknown }
  | { readonly refusal: { readonly name: ExceptionName; readonly message: string } };

export class Peers {
  readonly #bus: NodeBus;

  /** `carryOut` does on this node what another was asked for. */
  constructor(bus: NodeBus, carryOut: (call: PeerCall) => Promise<unknown>) {
    this.#bus = bus;
    bus.answer(TOPIC, async (payload) => {
      const { bytes, ...call } = JSON.parse(payload.toString()) as PeerCall & { bytes: string };
      const answer = await answerOf(carryOut({ ...call, bytes: Buffer.from(bytes, 'base64') }));
      return Buffer.from(JSON.stringify(answer));
    });
  }

  /** The node that holds a connection of this id, if that is another that is alive. */
  holderOf(connectionId: string | undefined): string | undefined {
    if (connectionId === undefined || !isConnectionId(connectionId)) return undefined;
    const node = incarnationOf(connectionId);
    return node !== this.#bus.self && this.#bus.isMember(node) ? node : undefined;
  }

  /** As that node answers; throws what it refuses with. */
  async ask(node: string, call: PeerCall): Promise<unknown> {
    const answer = await this.#request(node, call, ANSWER_MILLIS);
    if (!answer) {
      const message = `The node ${node} did not answer; it may have done what was asked`;
      throw new ServiceException('ServiceUnavailableException', message);
    }
    if ('value' in answer) return answer.value;
    throw new ServiceException(answer.refusal.name, answer.refusal.message);
  }

  /** Every other node at once. `millis`: how long the operation itself takes. */
  async askAll(call: PeerCall, millis = 0): Promise<Gathered> {
    const others = this.#bus.members().filter((node) => node !== this.#bus.self);
    const answers = await Promise.all(
      others.map((node) => this.#request(node, call, millis + ANSWER_MILLIS)),
    );
    return {
      answers: answers.flatMap((answer) => (answer && 'value' in answer ? [answer.value] : [])),
      silent: others.filter((_, index) => !answers[index] || !('value' in answers[index])),
    };
  }

  async #request(node: string, call: PeerCall, millis: number): Promise<Answer | undefined> {
    const text = JSON.stringify({ ...call, bytes: call.bytes.toString('base64') });
    const reply = await this.#bus.request(node, TOPIC, Buffer.from(text), millis);
    if (reply.kind !== 'answered') return undefined;
    return JSON.parse(reply.payload.toString()) as Answer;
  }
}

async function answerOf(work: Promise<unknown>): Promise<Answer> {
  try {
    return { value: await work };
  } catch (error) {
    if (!(error instanceof ServiceException)) throw error;
    return { refusal: { name: error.name, message: error.message } };
  }
}
