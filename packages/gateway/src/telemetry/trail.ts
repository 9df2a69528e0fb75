/**
 * Follows one event while it runs, for a trace record. It exists only where somebody looks: code on the
 * way of a message says `trail?.mark(…)`, which costs a comparison when nobody does.
 */
import type { LogEvent } from './log.ts';
import type { CallTrace, EventSpan } from './span.ts';
import type { StepName, TraceStep } from './trace.ts';
import { headerPairs, hiddenKey, visibleBody, visibleHeaders, visibleText } from './visible.ts';

/** What is known of a step, as it is; the trail keeps of it what may be shown. */
export interface StepDetail {
  readonly method?: string;
  readonly url?: string;
  readonly status?: number;
  /** Name, value, name, value; or by name. */
  readonly headers?: readonly string[] | HeaderValues;
  readonly body?: Uint8Array | null;
  readonly note?: string;
}

type HeaderValues = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface TrailOptions {
  /** The clock's. */
  readonly ticks: () => number;
  readonly keepsSteps: boolean;
  readonly span?: EventSpan | undefined;
}

/** An event has a dozen steps; more would be a loop. */
const STEPS_MAX = 64;
/** Shorter texts are no keys, and would be found everywhere. */
const SECRET_CHARACTERS_MIN = 8;

export class Trail {
  /** Somebody wants to see the steps; where nobody does, a trail is there for its span alone. */
  readonly keepsSteps: boolean;
  readonly #ticks: () => number;
  readonly #startedAt: number;
  readonly #steps: TraceStep[] = [];
  readonly #span: EventSpan | undefined;
  #callTrace: CallTrace | undefined;
  #secret: string | undefined;

  constructor({ ticks, keepsSteps, span }: TrailOptions) {
    this.#ticks = ticks;
    this.#startedAt = ticks();
    this.keepsSteps = keepsSteps;
    this.#span = span;
  }

  /** Something that takes no time, or took it since `since` (ticks). */
  mark(name: StepName, detail: StepDetail = {}, since?: number): void {
    if (!this.keepsSteps || this.#steps.length >= STEPS_MAX) return;
    const now = this.#ticks();
    const start = since ?? now;
    this.#steps.push({
      name,
      startMillis: round(start - this.#startedAt),
      durationMillis: round(now - start),
      ...this.#withoutSecret(shown(detail)),
    });
  }

  /** From now on no step repeats this text, such as a client's API key; of it only the end is shown. */
  hide(secret: string | undefined): void {
    this.#secret = secret;
  }

  /** For `mark`: when something begins. */
  begin(): number {
    return this.#ticks();
  }

  /** A backend is about to be called; `callTrace` then carries the trace on. */
  beginCall(name: string): void {
    this.#callTrace = this.#span?.beginCall(name);
  }

  endCall(status: number | undefined, failure?: string): void {
    this.#span?.endCall(status, failure);
  }

  /** The event is over. */
  end(event: LogEvent): void {
    this.#span?.end(event);
  }

  /** The trace that an SDK has made of the event, as AWS writes it: `Root=1-…`. */
  get root(): string | undefined {
    return this.#span?.root;
  }

  /** What a call is to have beside everything else; absent where no SDK is loaded. */
  get callTrace(): CallTrace | undefined {
    return this.#callTrace;
  }

  get steps(): readonly TraceStep[] {
    return this.#steps;
  }

  #withoutSecret(shown: Shown): Shown {
    const secret = this.#secret;
    if (secret === undefined || secret.length < SECRET_CHARACTERS_MIN) return shown;
    const clean = (text: string) => text.replaceAll(secret, hiddenKey(secret));
    return {
      ...shown,
      ...(shown.url !== undefined && { url: clean(shown.url) }),
      ...(shown.body !== undefined && { body: clean(shown.body) }),
      ...(shown.note !== undefined && { note: clean(shown.note) }),
      ...(shown.headers && {
        headers: shown.headers.map(([name, value]) => [name, clean(value)] as const),
      }),
    };
  }
}

/** Microseconds are enough. */
const round = (millis: number) => Math.max(0, Math.round(millis * 1000) / 1000);

type Shown = Partial<ReturnType<typeof shown>>;

function shown({ method, url, status, headers, body, note }: StepDetail) {
  return {
    ...(method !== undefined && { method }),
    ...(url !== undefined && { url: visibleText(url) }),
    ...(status !== undefined && { status }),
    ...(headers && { headers: visibleHeaders(pairsOf(headers)) }),
    ...(body && { body: visibleBody(body), bytes: body.length }),
    ...(note !== undefined && { note: visibleText(note) }),
  };
}

function pairsOf(headers: NonNullable<StepDetail['headers']>): Iterable<[string, string]> {
  if (Array.isArray(headers)) return headerPairs(headers as readonly string[]);
  return Object.entries(headers as HeaderValues).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, typeof value === 'string' ? value : value.join(', ')]],
  );
}
