/**
 * Fan-outs over all nodes: each hands the message to connections of its own, and says how many. What a node
 * did not say is not counted as done.
 */
import type { NodeBus } from '../engines/engine.ts';
import { incarnationOf } from './connection-id.ts';
import type { FanOut, FanOutCounts, FanOuts } from './fan-out.ts';

export interface FanOutOutcome extends FanOutCounts {
  /** Nodes that did not take the message, or did not say in time what became of it; without them counted. */
  readonly unreached: readonly string[];
}

const TOPIC = 'fan-out';
/** As long as a push to a connection of another node may take. */
const ANSWER_MILLIS = 5000;
const LENGTH_BYTES = 4;
const NONE: FanOutCounts = { delivered: 0, refused: 0, gone: 0 };

export class RemoteFanOuts {
  readonly #bus: NodeBus;
  readonly #own: FanOuts;

  constructor(bus: NodeBus, own: FanOuts) {
    this.#bus = bus;
    this.#own = own;
    bus.answer(TOPIC, async (payload) => {
      const counts = await own.carryOut(decode(payload));
      return Buffer.from(JSON.stringify(counts));
    });
  }

  /** `busy`: this node has too many waiting already, and nobody was told. */
  async carryOut(fanOut: FanOut): Promise<FanOutOutcome | 'busy'> {
    const { self } = this.#bus;
    const parts = this.#partsOf(fanOut);
    const own = parts.get(self);
    parts.delete(self);
    const here = own ? this.#own.carryOut(own) : NONE;
    if (here === 'busy') return 'busy';
    const unreached: string[] = [];
    const elsewhere = [...parts].map(async ([node, part]) => {
      const counts = await this.#ask(node, part);
      if (counts) return counts;
      unreached.push(node);
      return NONE;
    });
    const all = await Promise.all([here, ...elsewhere]);
    return { ...all.reduce(sumOf), unreached };
  }

  /** What each node is to do: all of it, or where connections are named, those that its name begins. */
  #partsOf(fanOut: FanOut): Map<string, FanOut> {
    const { connectionIds } = fanOut;
    if (!connectionIds) return new Map(this.#bus.members().map((node) => [node, fanOut]));
    const idsOf = new Map<string, string[]>();
    for (const connectionId of new Set(connectionIds)) {
      const node = incarnationOf(connectionId);
      const ids = idsOf.get(node);
      if (ids) ids.push(connectionId);
      else idsOf.set(node, [connectionId]);
    }
    return new Map([...idsOf].map(([node, ids]) => [node, { ...fanOut, connectionIds: ids }]));
  }

  async #ask(node: string, part: FanOut): Promise<FanOutCounts | undefined> {
    const reply = await this.#bus.request(node, TOPIC, encode(part), ANSWER_MILLIS);
    // Its connections went with it.
    if (reply.kind === 'gone') return { ...NONE, gone: part.connectionIds?.length ?? 0 };
    if (reply.kind !== 'answered') return undefined;
    const answer = JSON.parse(reply.payload.toString()) as FanOutCounts | 'busy';
    return answer === 'busy' ? undefined : answer;
  }
}

const sumOf = (one: FanOutCounts, other: FanOutCounts): FanOutCounts => ({
  delivered: one.delivered + other.delivered,
  refused: one.refused + other.refused,
  gone: one.gone + other.gone,
});

/** What is asked for as JSON behind its length, then the message. */
function encode({ body, ...asked }: FanOut): Buffer {
  const json = Buffer.from(JSON.stringify(asked));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json, body]);
}

function decode(bytes: Buffer): FanOut {
  const bodyAt = LENGTH_BYTES + bytes.readUInt32BE(0);
  const asked = JSON.parse(bytes.toString('utf8', LENGTH_BYTES, bodyAt)) as Omit<FanOut, 'body'>;
  return { ...asked, body: bytes.subarray(bodyAt) };
}
