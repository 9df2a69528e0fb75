/**
 * The live trace as server-sent events. Nobody is slowed down by a reader: what is too much, for the
 * rate asked for or for the reader's own speed, is left out and counted, never dropped in silence.
 */
import { badRequest } from '../resources/problems.ts';
import { eventKinds } from '../telemetry/log.ts';
import type { TraceRecord } from '../telemetry/trace.ts';
import { RECENT_MAX } from '../telemetry/trace-feed.ts';
import { ServiceException } from '../wire/exceptions.ts';
import type { Sink } from '../wire/http-reply.ts';
import { ruleOf } from '../wire/rules.ts';
import { type Call, type Operation, RawAnswer } from './operation.ts';
import { readTraceFilter, traceFilterParameters } from './trace-filter.ts';

const PER_SECOND_DEFAULT = 100;
const PER_SECOND_MAX = 1000;
const STREAMS_MAX = 100;
const FAILURES_DEFAULT = 100;
/** All that are kept. */
export const FAILURES_MAX = eventKinds.length * RECENT_MAX;
/** How often a reader is told what was left out, and a proxy that the stream is alive. */
const BEAT_MILLIS = 1000;
const BEATS_PER_COMMENT = 15;

export const traceOperations: readonly Operation[] = [
  {
    operation: 'FollowTrace',
    method: 'GET',
    path: '/trace',
    sentence:
      'Server-sent events: a `record` for each event of any node that fits, as it ends, with its steps, the lines ' +
      'AWS would have logged and the rule that refused it (`ruleSays` in a sentence). `sampled` says how ' +
      'many were `leftOut` because more happened than was asked for, or than the reader takes; of those, ' +
      'failures come first. Steps are recorded only while somebody follows.',
    query: [
      ...traceFilterParameters,
      {
        name: 'perSecond',
        sentence: `records a second of each node at most, 1 to ${PER_SECOND_MAX}; ${PER_SECOND_DEFAULT}`,
      },
      {
        name: 'since',
        sentence:
          'id of the last record seen, as `Last-Event-ID` says too: failures of this node after it that are still ' +
          'remembered come first',
      },
    ],
    handler: followTrace,
  },
  {
    operation: 'ListFailures',
    method: 'GET',
    path: '/failures',
    sentence:
      'What was refused or failed a moment ago, newest first; a hundred of each kind are kept.',
    query: [
      ...traceFilterParameters,
      {
        name: 'maxResults',
        sentence: `how many, 1 to ${FAILURES_MAX}; ${FAILURES_DEFAULT}`,
      },
    ],
    handler: listFailures,
    gather(answers, { context, query }) {
      const all = (answers as readonly ReturnType<typeof listFailures>[]).flatMap(
        ({ items }) => items,
      );
      const limit = readCount(query, 'maxResults', FAILURES_DEFAULT, FAILURES_MAX);
      const items = all.sort((one, other) => other.at - one.at || other.id - one.id);
      return { items: items.slice(0, limit), node: context.about.node };
    },
  },
];

function listFailures({ context, query }: Call) {
  const limit = readCount(query, 'maxResults', FAILURES_DEFAULT, FAILURES_MAX);
  const found = context.trace.recent(readTraceFilter(query));
  const { node } = context.about;
  const items = found.slice(-limit).reverse();
  return { items: items.map((record) => ({ ...shown(record), node })), node };
}

const streams = new WeakMap<object, number>();

function followTrace({ context, query, lastEventId }: Call): RawAnswer {
  const filter = readTraceFilter(query);
  const perSecondMax = readCount(query, 'perSecond', PER_SECOND_DEFAULT, PER_SECOND_MAX);
  const since = readSince(query.get('since') || lastEventId);
  if (countStreams(context.trace, 0) >= STREAMS_MAX) {
    throw new ServiceException(
      'LimitExceededException',
      `${STREAMS_MAX} readers follow the trace already`,
    );
  }
  return new RawAnswer({
    status: 200,
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    },
    open(sink) {
      countStreams(context.trace, 1);
      const stream = new TraceStream(sink, context.about.node);
      stream.greet({ node: context.about.node, perSecond: perSecondMax });
      if (since !== undefined) {
        const missed = context.trace.recent(filter).filter(({ id }) => id > since);
        for (const record of missed) stream.record(record, 0);
      }
      const subscription = context.trace.subscribe(
        filter,
        (record, leftOut) => stream.record(record, leftOut),
        { perSecondMax },
      );
      const leaveOthers = context.remoteTrace.follow({ filter, perSecondMax }, (...told) =>
        stream.remote(...told),
      );
      const stopBeat = context.clock.every(BEAT_MILLIS, () => stream.beat(subscription.leftOut));
      return () => {
        stopBeat();
        leaveOthers();
        subscription.cancel();
        countStreams(context.trace, -1);
      };
    },
  });
}

function countStreams(feed: object, change: number): number {
  const count = (streams.get(feed) ?? 0) + change;
  streams.set(feed, count);
  return count;
}

/** One reader: what it was given, and what it was not. */
class TraceStream {
  readonly #sink: Sink;
  readonly #node: string;
  /** Of what the feed has left out since the last record, already told. */
  #told = 0;
  /** Records this reader was too slow for. */
  #skipped = 0;
  #beats = 0;

  constructor(sink: Sink, node: string) {
    this.#sink = sink;
    this.#node = node;
  }

  greet(about: object): void {
    this.#write('hello', about);
  }

  record(record: TraceRecord, leftOut: number): void {
    const missing = leftOut - this.#told;
    this.#told = 0;
    if (this.#sink.isBehind()) {
      this.#skipped += missing + 1;
      return;
    }
    this.#tell(missing);
    this.#write('record', { ...shown(record), node: this.#node }, record.id);
  }

  /** Of another node. It has no id here: what a reader has seen last is told by those of one node. */
  remote(record: TraceRecord, leftOut: number, node: string): void {
    if (this.#sink.isBehind()) {
      this.#skipped += leftOut + 1;
      return;
    }
    this.#tell(leftOut);
    this.#write('record', { ...shown(record), node });
  }

  /** Nothing may be handed over for a while although much happens: that is told as well. */
  beat(leftOut: number): void {
    if (this.#sink.isBehind()) return;
    const missing = leftOut - this.#told;
    this.#told = leftOut;
    this.#tell(missing);
    this.#beats += 1;
    if (this.#beats % BEATS_PER_COMMENT === 0) this.#sink.write(':\n\n');
  }

  #tell(missing: number): void {
    const leftOut = missing + this.#skipped;
    this.#skipped = 0;
    if (leftOut > 0) this.#write('sampled', { leftOut });
  }

  #write(event: string, data: object, id?: number): void {
    const head = id === undefined ? '' : `id: ${id}\n`;
    this.#sink.write(`event: ${event}\n${head}data: ${JSON.stringify(data)}\n\n`);
  }
}

function shown(record: TraceRecord) {
  return { ...record, ...(record.rule && { ruleSays: ruleOf(record.rule).says }) };
}

function readCount(query: URLSearchParams, name: string, usual: number, max: number): number {
  const text = query.get(name) ?? String(usual);
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= max) return count;
  throw badRequest(`Invalid ${name} specified. Must be a number from 1 to ${max}`);
}

function readSince(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw badRequest('Invalid since specified. Must be the id of a record');
}
