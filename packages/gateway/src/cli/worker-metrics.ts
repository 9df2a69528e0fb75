/**
 * How workers learn what all of them have counted: by the supervisor, whom each can always reach. It keeps
 * what each said last, so that a sum never falls when a worker ends or does not answer.
 */
import type { Clock } from '../ambient/clock.ts';
import { addCounted, type Family, type Gathered } from '../monitoring/families.ts';
import type { Workers } from '../monitoring/prometheus.ts';

/** What supervisor and workers say to each other about it. */
type Message =
  /** A worker wants to know. */
  | { readonly metrics: 'wanted'; readonly id: number }
  /** The supervisor asks each. */
  | { readonly metrics: 'asked'; readonly id: number }
  | { readonly metrics: 'told'; readonly id: number; readonly families: readonly Family[] }
  | { readonly metrics: 'gathered'; readonly id: number; readonly gathered: Gathered };

/** A worker that has not answered by then is told of as it was. */
const ANSWER_MILLIS = 2000;
/** The supervisor waits so long for its workers; beyond twice that it is not there. */
const GATHER_MILLIS = 2 * ANSWER_MILLIS;

/** One end of the channel between a supervisor and a worker. */
export interface Channel {
  send(message: Message): void;
  onMessage(listener: (message: unknown) => void): void;
}

/** In a worker. */
export function workersBehind(channel: Channel, clock: Pick<Clock, 'after'>): Workers {
  const waiting = new Map<number, (gathered: Gathered) => void>();
  let tell: () => Promise<readonly Family[]> = async () => [];
  let ids = 0;
  channel.onMessage((message) => {
    if (!isMessage(message)) return;
    if (message.metrics === 'asked') {
      const { id } = message;
      void tell().then((families) => channel.send({ metrics: 'told', id, families }));
    } else if (message.metrics === 'gathered') {
      waiting.get(message.id)?.(message.gathered);
      waiting.delete(message.id);
    }
  });
  return {
    answer(teller) {
      tell = teller;
    },
    gather() {
      const id = ++ids;
      return new Promise((resolve, reject) => {
        const cancel = clock.after(GATHER_MILLIS, () => {
          waiting.delete(id);
          reject(new Error('The supervisor of the workers does not answer'));
        });
        waiting.set(id, (gathered) => {
          cancel();
          resolve(gathered);
        });
        channel.send({ metrics: 'wanted', id });
      });
    },
  };
}

interface Member {
  readonly number: number;
  readonly channel: Channel;
  /** What it said last. */
  families: readonly Family[];
  /** The last question it has answered. */
  answered: number;
}

/** In the supervisor. */
export class MetricsOfWorkers {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #members = new Set<Member>();
  #ended: readonly Family[] = [];
  #asked = 0;
  /** A question under way serves everybody who wants to know meanwhile. */
  #gathering: Promise<Gathered> | undefined;
  #answered: () => void = () => {};

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  /** Returns what is to be called when the worker has ended. */
  add(number: number, channel: Channel): () => void {
    const member: Member = { number, channel, families: [], answered: 0 };
    this.#members.add(member);
    channel.onMessage((message) => {
      if (!isMessage(message)) return;
      if (message.metrics === 'wanted') {
        const { id } = message;
        void this.#gather().then((gathered) => {
          if (this.#members.has(member)) channel.send({ metrics: 'gathered', id, gathered });
        });
      } else if (message.metrics === 'told') {
        member.families = message.families;
        member.answered = message.id;
        this.#answered();
      }
    });
    return () => {
      this.#members.delete(member);
      this.#ended = addCounted(this.#ended, member.families);
      this.#answered();
    };
  }

  #gather(): Promise<Gathered> {
    this.#gathering ??= this.#ask().finally(() => {
      this.#gathering = undefined;
    });
    return this.#gathering;
  }

  async #ask(): Promise<Gathered> {
    const id = ++this.#asked;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(ANSWER_MILLIS, resolve);
      this.#answered = () => {
        if ([...this.#members].some(({ answered }) => answered < id)) return;
        cancel();
        resolve();
      };
      for (const { channel } of this.#members) channel.send({ metrics: 'asked', id });
    });
    const workers = [...this.#members].map(({ number, families, answered }) => ({
      worker: number,
      families,
      isSilent: answered < id,
    }));
    workers.sort((one, other) => one.worker - other.worker);
    return { workers, ended: this.#ended };
  }
}

function isMessage(message: unknown): message is Message {
  return typeof (message as Partial<Message> | null)?.metrics === 'string';
}
