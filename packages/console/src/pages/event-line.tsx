import type { TraceRecord } from '../gateway/types.ts';
import { Badge } from '../ui/parts.tsx';
import { reached } from '../words/numbers.ts';
import { clockTime, millis } from '../words/time.ts';

export interface EventLineProps {
  readonly record: TraceRecord;
  readonly isOpen: boolean;
  toggle(): void;
}

/** One event as one line, which opens. */
export function EventLine({ record, isOpen, toggle }: EventLineProps) {
  return (
    <button type="button" class="event" aria-expanded={isOpen} onClick={toggle}>
      <span class="mono time">{clockTime(record.at)}</span>
      <span class={`kind ${record.kind}`}>{record.kind}</span>
      <code class="cut route">{routeOf(record)}</code>
      <code class="cut dim connection">{record.connectionId?.slice(0, 8)}</code>
      <Badge tone={toneOf(record)}>{record.status}</Badge>
      <span class="number duration">{millis(record.millis)}</span>
      <span class="cut why">{record.reason ?? summaryOf(record)}</span>
    </button>
  );
}

/** Of pushes it would always be the same. */
const routeOf = ({ route = '' }: TraceRecord) => (route.includes(' /@') ? '' : route);

/** The beginning of what was said, where nothing went wrong. */
function summaryOf({ steps, ...counts }: TraceRecord): string {
  const body = steps.find((step) => step.body !== undefined && step.body !== '')?.body ?? '';
  return [reached(counts), body.slice(0, 160)].filter(Boolean).join(' · ');
}

function toneOf({ kind, status, rule }: TraceRecord) {
  if (kind === 'disconnect') return status <= 1001 || status === 1005 ? 'plain' : 'warn';
  if (status >= 500) return 'bad';
  // 207: some nodes have not said how many of theirs they reached.
  return status === 207 || status >= 400 || rule !== undefined ? 'warn' : 'good';
}
