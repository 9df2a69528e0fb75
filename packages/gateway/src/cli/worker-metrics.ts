/**
 * How workers learn what all of them have counted: by the supervisor, whom each can always reach. It keeps
 * what each said last, so that a sum never falls when a worker ends or does not answer.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../ambient/clock.ts';
import { addCounted, type Family, type Gathered } from '../monitoring/families.ts';
import type { Workers } from '../monitoring/prometheus.ts';
import { addTotals, type CountedTotals, type Totals } from '../telemetry/activity.ts';

/** What supervisor and workers say to each other about it. `families`: these too, and not totals alone. */
type Message =
  /** A worker wants to know. */
  | { readonly metrics: 'wanted'; readonly id: number; readonly families: boolean }
  /** The supervisor asks each. */
  | { readonly metrics: 'asked'; readonly id: number; readonly families: boolean }
  | ({ readonly metrics: 'told'; readonly id: number } & Told)
  | { readonly metrics: 'gathered'; readonly id: number; readonly gathered: GatheredAll };

interface Told {
  readonly totals: Totals;
  readonly families?: readonly Family[];
}

type GatheredAll = Gathered & { readonly totals: CountedTotals };

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
  const waiting = new Map<number, (gathered: GatheredAll) => void>();
  let tell: () => Promise<readonly Family[]> = async () => [];
  let count: () => Totals = () => addTotals([]);
  let ids = 0;
  const answer = async (id: number, withFamilies: boolean) => {
    const families = withFamilies ? { families: await tell() } : {};
    channel.send({ metrics: 'told', id, totals: count(), ...families });
  };
  channel.onMessage((message) => {
    if (!isMessage(message)) return;
    if (message.metrics === 'asked') {
      void answer(message.id, message.families);
    } else if (message.metrics === 'gathered') {
      waiting.get(message.id)?.(message.gathered);
      waiting.delete(message.id);
    }
  });
  const gather = (families: boolean): Promise<GatheredAll> => {
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
      channel.send({ metrics: 'wanted', id, families });
    });
  };
  return {
    answer(teller) {
      tell = teller;
    },
    gather: () => gather(true),
    count(totals) {
      count = totals;
    },
    totals: async () => (await gather(false)).totals,
  };
}

interface Member {
  readonly number: number;
  readonly channel: Channel;
  /** What it said last. */
  families: readonly Family[];
  totals: Totals;
  /** The last questions it has answered: with families, and with totals alone. */
  readonly answered: { families: number; totals: number };
}

type Question = keyof Member['answered'];

/** In the supervisor. */
export class MetricsOfWorkers {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #members = new Set<Member>();
  readonly #by = randomUUID();
  #ended: { readonly families: readonly Family[]; readonly totals: Totals } = {
    families: [],
    totals: addTotals([]),
  };
  #asked = 0;
  /** A question under way serves everybody who wants to know meanwhile. */
  readonly #gatherings = new Map<Question, Promise<GatheredAll>>();
  /** Of each question under way: looks whether all have answered. */
  readonly #checks = new Set<() => void>();

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  /** Returns what is to be called when the worker has ended. */
  add(number: number, channel: Channel): () => void {
    const answered = { families: 0, totals: 0 };
    const member: Member = { number, channel, families: [], totals: addTotals([]), answered };
    this.#members.add(member);
    channel.onMessage((message) => {
      if (!isMessage(message)) return;
      if (message.metrics === 'wanted') {
        const { id, families } = message;
        void this.#gather(families ? 'families' : 'totals').then((gathered) => {
          if (this.#members.has(member)) channel.send({ metrics: 'gathered', id, gathered });
        });
      } else if (message.metrics === 'told') {
        member.totals = message.totals;
        member.families = message.families ?? member.families;
        answered[message.families ? 'families' : 'totals'] = message.id;
        this.#check();
      }
    });
    return () => {
      this.#members.delete(member);
      const { families, totals } = this.#ended;
      this.#ended = {
        families: addCounted(families, member.families),
        totals: addTotals([totals, member.totals]),
      };
      this.#check();
    };
  }

  #gather(question: Question): Promise<GatheredAll> {
    const known = this.#gatherings.get(question);
    if (known) return known;
    const gathering = this.#ask(question).finally(() => this.#gatherings.delete(question));
    this.#gatherings.set(question, gathering);
    return gathering;
  }

  async #ask(question: Question): Promise<GatheredAll> {
    const id = ++this.#asked;
    const isSilent = ({ answered }: Member) => answered[question] < id;
    await new Promise<void>((resolve) => {
      const end = () => {
        cancel();
        this.#checks.delete(check);
        resolve();
      };
      const check = () => {
        if (![...this.#members].some(isSilent)) end();
      };
      const cancel = this.#clock.after(ANSWER_MILLIS, end);
      this.#checks.add(check);
      const families = question === 'families';
      for (const { channel } of this.#members) channel.send({ metrics: 'asked', id, families });
    });
    const members = [...this.#members].sort((one, other) => one.number - other.number);
    const totals = addTotals([this.#ended.totals, ...members.map((member) => member.totals)]);
    const workers = members.map((member) => ({
      worker: member.number,
      families: question === 'families' ? member.families : [],
      isSilent: isSilent(member),
    }));
    const ended = question === 'families' ? this.#ended.families : [];
    return { workers, ended, totals: { by: this.#by, totals } };
  }

  #check(): void {
    for (const check of [...this.#checks]) check();
  }
}

function isMessage(message: unknown): message is Message {
  return typeof (message as Partial<Message> | null)?.metrics === 'string';
}
