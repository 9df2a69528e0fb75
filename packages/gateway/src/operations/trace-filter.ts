import { badRequest } from '../resources/problems.ts';
import { type EventKind, eventKinds } from '../telemetry/log.ts';
import type { TraceFilter } from '../telemetry/trace-feed.ts';
import type { Parameter } from './operation.ts';

export const traceFilterParameters: readonly Parameter[] = [
  {
    name: 'kinds',
    sentence: `any of ${eventKinds.map((kind) => `\`${kind}\``).join(', ')}, with commas`,
  },
  { name: 'apiId', sentence: 'of this API' },
  { name: 'stage', sentence: 'of stages with this name' },
  { name: 'connectionId', sentence: 'of this connection' },
  { name: 'route', sentence: 'of this route key' },
  { name: 'failuresOnly', sentence: '`true`: only what was refused or failed' },
];

export function readTraceFilter(query: URLSearchParams): TraceFilter {
  const kinds = (query.get('kinds') ?? '').split(',').filter((kind) => kind !== '');
  const unknown = kinds.find((kind) => !eventKinds.some((known) => known === kind));
  if (unknown !== undefined) throw badRequest(`Invalid kinds specified: ${unknown}`);
  const names = ['apiId', 'stage', 'connectionId', 'route'] as const;
  const given = names.flatMap((name) => (query.get(name) ? [[name, query.get(name)!]] : []));
  return {
    ...(kinds.length > 0 && { kinds: kinds as EventKind[] }),
    ...Object.fromEntries(given),
    ...(query.get('failuresOnly') === 'true' && { failuresOnly: true }),
  };
}
