/**
 * OpenTelemetry, as far as its API goes: what becomes of a span is the business of the SDK that the
 * operator loads before the gateway (`node --import ./tracing.mjs`). Without one nothing is loaded and
 * nothing is made.
 */
import type { Context, Span, SpanContext } from '@opentelemetry/api';
import type { LogEvent } from './log.ts';
import type { CallTrace, Carrier, EventSpan, Tracer } from './span.ts';
import { isFailure } from './trace-feed.ts';

type Api = typeof import('@opentelemetry/api');

/** Where the API, of whichever copy, keeps what an SDK has registered. */
const GLOBAL = Symbol.for('opentelemetry.js.api.1');

/** `undefined` where no SDK has been loaded. */
export async function openTelemetryTracer(): Promise<Tracer | undefined> {
  const registered = (globalThis as { [GLOBAL]?: { trace?: unknown } })[GLOBAL];
  if (!registered?.trace) return undefined;
  const api = await import('@opentelemetry/api');
  const tracer = api.trace.getTracer('postern');
  return {
    begin(event, from: Carrier = {}) {
      const parent = api.propagation.extract(api.context.active(), from);
      const span = tracer.startSpan(
        NAMES[event.kind],
        { kind: api.SpanKind.SERVER, attributes: attributesOf(event) },
        parent,
      );
      return new OpenTelemetrySpan(api, span, api.trace.setSpan(parent, span));
    },
  };
}

/** Few of them: what tells events apart is in the attributes. */
const NAMES: Readonly<Record<LogEvent['kind'], string>> = {
  connect: '$connect',
  message: 'message',
  disconnect: '$disconnect',
  push: 'POST @connections',
  'fan-out': 'POST @connections to many',
  get: 'GET @connections',
  delete: 'DELETE @connections',
  control: 'control',
};

class OpenTelemetrySpan implements EventSpan {
  readonly #api: Api;
  readonly #span: Span;
  readonly #context: Context;
  #call: Span | undefined;

  constructor(api: Api, span: Span, context: Context) {
    this.#api = api;
    this.#span = span;
    this.#context = context;
  }

  get root(): string | undefined {
    const context = this.#span.spanContext();
    return this.#api.isSpanContextValid(context) ? rootOf(context) : undefined;
  }

  beginCall(name: string): CallTrace {
    const { SpanKind, isSpanContextValid, propagation, trace } = this.#api;
    const tracer = trace.getTracer('postern');
    this.#call = tracer.startSpan(name, { kind: SpanKind.CLIENT }, this.#context);
    const headers: Record<string, string> = {};
    propagation.inject(trace.setSpan(this.#context, this.#call), headers);
    const context = this.#call.spanContext();
    return {
      traceHeaders: Object.entries(headers).flat(),
      ...(isSpanContextValid(context) && { traceId: amazonTrace(context) }),
    };
  }

  endCall(status: number | undefined, failure: string | undefined): void {
    const call = this.#call;
    if (!call) return;
    if (status !== undefined) call.setAttribute('http.response.status_code', status);
    if (failure !== undefined || (status ?? 0) >= 400) this.#fail(call, failure);
    call.end();
    this.#call = undefined;
  }

  end(event: LogEvent): void {
    const { requestId, route, status, rule, reason, delivered, refused, gone } = event;
    const isDisconnect = event.kind === 'disconnect';
    this.#span.setAttributes({
      ...attributesOf(event),
      [isDisconnect ? 'postern.close_code' : 'http.response.status_code']: status,
      ...(requestId !== undefined && { 'aws.request_id': requestId }),
      ...(route !== undefined && { 'postern.route': route }),
      ...(rule !== undefined && { 'postern.rule': rule }),
      ...(delivered !== undefined && {
        'postern.delivered': delivered,
        'postern.refused': refused ?? 0,
        'postern.gone': gone ?? 0,
      }),
    });
    if (isFailure(event)) this.#fail(this.#span, reason);
    this.#span.end();
  }

  #fail(span: Span, message: string | undefined): void {
    const { ERROR } = this.#api.SpanStatusCode;
    span.setStatus({ code: ERROR, ...(message !== undefined && { message }) });
  }
}

/** The same 128 bits: where AWS has the time in the first 32, it takes those of others as well. */
const rootOf = ({ traceId }: SpanContext) => `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)}`;

/** As Lambda and X-Ray read it (X-Ray's "tracing header"). */
const amazonTrace = (context: SpanContext) =>
  `${rootOf(context)};Parent=${context.spanId};Sampled=${context.traceFlags & 1}`;

function attributesOf({ apiId, stage, connectionId }: Parameters<Tracer['begin']>[0]) {
  return {
    ...(apiId !== undefined && { 'postern.api_id': apiId }),
    ...(stage !== undefined && { 'postern.stage': stage }),
    ...(connectionId !== undefined && { 'postern.connection_id': connectionId }),
  };
}
