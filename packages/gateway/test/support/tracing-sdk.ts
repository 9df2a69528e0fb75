import { propagation, type TextMapPropagator, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

export interface TracingOptions {
  readonly propagator?: TextMapPropagator;
  readonly sampler?: Sampler;
}

/** A real SDK, as an operator loads one before the gateway. `stop` unloads it. */
export function startTracing({ propagator, sampler }: TracingOptions = {}) {
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor(exporter)];
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors, ...(sampler && { sampler }) }),
  );
  propagation.setGlobalPropagator(propagator ?? new W3CTraceContextPropagator());
  return {
    /** The spans that are over, by their name; they are told once. */
    take(): Record<string, ReadableSpan> {
      const finished = exporter.getFinishedSpans();
      exporter.reset();
      return Object.fromEntries(finished.map((span) => [span.name, span]));
    },
    stop(): void {
      trace.disable();
      propagation.disable();
    },
  };
}
