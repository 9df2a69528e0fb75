/**
 * The live trace. What arrives is put in front of the list a few times a second, not at each event: the
 * page stays usable however much happens.
 */
import { computed, signal } from '@preact/signals';
import type { CallError } from './call.ts';
import { follow } from './event-stream.ts';
import type { TraceRecord } from './types.ts';

/** What is kept to look at and to export. */
export const KEPT_MAX = 2000;
const FLUSH_MILLIS = 250;

export const records = signal<readonly TraceRecord[]>([]);
export const traceState = signal<'off' | 'open' | 'lost'>('off');
export const traceError = signal<CallError | undefined>(undefined);
/** Events that happened and were not shown to this page. */
export const leftOut = signal(0);
/** The gateway is leaving events out right now. */
export const isSampling = signal(false);
export const isPaused = signal(false);
const waiting = signal<readonly TraceRecord[]>([]);
export const waitingCount = computed(() => waiting.value.length);

let arrived: TraceRecord[] = [];
let flushTimer: ReturnType<typeof setTimeout> | undefined;
let samplingTimer: ReturnType<typeof setTimeout> | undefined;

/** Follows the events that fit; returns what ends it. */
export function followTrace(query: string): () => void {
  clear();
  const end = follow({
    path: `/@api/trace${query && `?${query}`}`,
    receive({ event, data }) {
      if (event === 'record') take(JSON.parse(data) as TraceRecord);
      if (event === 'sampled') sampled((JSON.parse(data) as { leftOut: number }).leftOut);
    },
    state(state, error) {
      traceState.value = state;
      traceError.value = error;
    },
  });
  return () => {
    end();
    clearTimeout(flushTimer);
    flushTimer = undefined;
    arrived = [];
    traceState.value = 'off';
  };
}

export function clear(): void {
  records.value = [];
  waiting.value = [];
  arrived = [];
  leftOut.value = 0;
}

/** The list stands still; what comes meanwhile waits. */
export function pause(): void {
  isPaused.value = true;
}

export function resume(): void {
  isPaused.value = false;
  records.value = inFront(waiting.value, records.value);
  waiting.value = [];
}

function take(record: TraceRecord): void {
  arrived.push(record);
  flushTimer ??= setTimeout(flush, FLUSH_MILLIS);
}

function flush(): void {
  flushTimer = undefined;
  const fresh = arrived.reverse();
  arrived = [];
  if (isPaused.value) waiting.value = inFront(fresh, waiting.value);
  else records.value = inFront(fresh, records.value);
}

const inFront = (fresh: readonly TraceRecord[], old: readonly TraceRecord[]) =>
  [...fresh, ...old].slice(0, KEPT_MAX);

function sampled(count: number): void {
  leftOut.value += count;
  isSampling.value = true;
  clearTimeout(samplingTimer);
  samplingTimer = setTimeout(() => {
    isSampling.value = false;
  }, 3000);
}
