import { Component } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { listStages } from '../gateway/apis.ts';
import {
  clear,
  followTrace,
  isPaused,
  isSampling,
  KEPT_MAX,
  leftOut,
  pause,
  records,
  resume,
  traceError,
  traceState,
  waitingCount,
} from '../gateway/trace.ts';
import type { EventKind, TraceRecord } from '../gateway/types.ts';
import { useQuery } from '../gateway/use-query.ts';
import { amend, place, to } from '../router.ts';
import { download } from '../ui/code.tsx';
import { Check, Dot, Empty, Problem, TextField } from '../ui/parts.tsx';
import { count } from '../words/numbers.ts';
import { EventLine } from './event-line.tsx';
import { StageField } from './stage-field.tsx';
import { TraceDetails } from './trace-details.tsx';

const KINDS = [
  'connect',
  'message',
  'push',
  'fan-out',
  'disconnect',
  'get',
  'delete',
  'control',
] as const;
/** Rows in the page at once; the rest is kept for the export. */
const ROWS_MAX = 250;
const FILTERS = ['apiId', 'stage', 'connectionId', 'route', 'kinds', 'failuresOnly'];

export function Trace() {
  const { query } = place.value;
  const filter = new URLSearchParams(
    FILTERS.flatMap((name) => (query.get(name) ? [[name, query.get(name)!]] : [])),
  ).toString();
  useEffect(() => followTrace(filter), [filter]);
  const words = (query.get('text') ?? '').toLowerCase();
  const shown = useMemo(
    () => records.value.filter((record) => fits(record, words)),
    [records.value, words],
  );
  return (
    <>
      <header class="page-head">
        <h1>Live trace</h1>
        <State />
        <div class="row push">
          <button type="button" class="button" onClick={isPaused.value ? resume : pause}>
            {isPaused.value
              ? `Resume${waitingCount.value > 0 ? ` (${count(waitingCount.value)} new)` : ''}`
              : 'Pause'}
          </button>
          <button
            type="button"
            class="button"
            disabled={shown.length === 0}
            onClick={() => exportLines(shown)}
          >
            Export
          </button>
          <button type="button" class="button quiet" onClick={clear}>
            Clear
          </button>
        </div>
      </header>
      <Filters query={query} />
      {traceError.value && <Problem error={traceError.value} />}
      <Sampled />
      {shown.length === 0 ? (
        <Waiting isFiltered={filter !== '' || words !== ''} />
      ) : (
        <section class="panel" aria-label="Events, newest first">
          <ol class="events">
            {shown.slice(0, ROWS_MAX).map((record) => (
              <Row key={`${record.node}-${record.id}`} record={record} />
            ))}
          </ol>
          {shown.length > ROWS_MAX && (
            <p class="body small dim">
              {count(shown.length - ROWS_MAX)} older events are kept for the export. At most{' '}
              {count(KEPT_MAX)} are kept in all.
            </p>
          )}
        </section>
      )}
    </>
  );
}

/** `live` is a promise: what happens from now on is shown. */
const stateNames = { off: 'connecting …', open: 'live', lost: 'connecting again …' } as const;

function State() {
  const state = traceState.value;
  const isLive = state === 'open' && !isPaused.value;
  return (
    <p class="row" role="status">
      <Dot tone={isLive ? 'good' : state === 'lost' ? 'bad' : 'warn'} />
      {isPaused.value && state !== 'lost' ? 'paused' : stateNames[state]}
    </p>
  );
}

/** Never silently: what is not shown is counted. */
function Sampled() {
  if (leftOut.value === 0) return null;
  return (
    <p class={isSampling.value ? 'note warn' : 'note'} role="status">
      <span>
        <b>Sampled.</b> More happens than can be read: {count(leftOut.value)} events are not shown.
        Failures come first. Narrow the filter to see everything of a connection or a route.
      </span>
    </p>
  );
}

function Filters({ query }: { query: URLSearchParams }) {
  const stages = useQuery('stages', listStages);
  const value = (name: string) => query.get(name) ?? '';
  return (
    <search class="stack tight">
      <div class="filters first-wide">
        <TextField
          label="Text in what is shown"
          type="search"
          value={value('text')}
          placeholder="reason, route, body …"
          onInput={(text) => amend({ text })}
        />
        <StageField
          none="Everything"
          value={{ apiId: value('apiId'), stage: value('stage') }}
          stages={stages.data ?? []}
          onChange={({ apiId, stage }) => amend({ apiId, stage })}
        />
      </div>
      <div class="row wrap">
        <Kinds chosen={value('kinds').split(',').filter(Boolean)} />
        <Check
          label="Failures only"
          checked={value('failuresOnly') !== ''}
          onChange={(isOn) => amend({ failuresOnly: isOn ? 'true' : '' })}
        />
      </div>
      <details open={value('connectionId') !== '' || value('route') !== ''}>
        <summary>One connection or route</summary>
        <div class="filters more">
          <TextField
            label="Connection"
            value={value('connectionId')}
            placeholder="any"
            onInput={(connectionId) => amend({ connectionId: connectionId.trim() })}
          />
          <TextField
            label="Route"
            value={value('route')}
            placeholder="any, such as $default"
            onInput={(route) => amend({ route: route.trim() })}
          />
        </div>
      </details>
    </search>
  );
}

function Kinds({ chosen }: { chosen: readonly string[] }) {
  const toggle = (kind: EventKind) => {
    const next = chosen.includes(kind) ? chosen.filter((one) => one !== kind) : [...chosen, kind];
    amend({ kinds: next.length === KINDS.length ? '' : next.join(',') });
  };
  return (
    <fieldset class="kinds">
      <legend class="visually-hidden">Kinds of events</legend>
      {KINDS.map((kind) => (
        <button
          key={kind}
          type="button"
          class={chosen.includes(kind) ? 'button chip on' : 'button chip'}
          aria-pressed={chosen.includes(kind)}
          onClick={() => toggle(kind)}
        >
          {kind}
        </button>
      ))}
    </fieldset>
  );
}

/** Records never change, so a row is drawn again only when it is opened. */
class Row extends Component<{ record: TraceRecord }, { isOpen: boolean }> {
  override state = { isOpen: false };

  override shouldComponentUpdate(next: { record: TraceRecord }, state: { isOpen: boolean }) {
    return next.record !== this.props.record || state.isOpen !== this.state.isOpen;
  }

  override render() {
    const { record } = this.props;
    const { isOpen } = this.state;
    const toggle = () => {
      // Whoever reads one does not want it to move away.
      if (!isOpen) pause();
      this.setState({ isOpen: !isOpen });
    };
    return (
      <li>
        <EventLine record={record} isOpen={isOpen} toggle={toggle} />
        {isOpen && <TraceDetails record={record} />}
      </li>
    );
  }
}

function fits(record: TraceRecord, words: string): boolean {
  if (words === '') return true;
  return JSON.stringify(record).toLowerCase().includes(words);
}

function exportLines(shown: readonly TraceRecord[]): void {
  const lines = [...shown].reverse().map((record) => JSON.stringify(record));
  download('postern-trace.jsonl', `${lines.join('\n')}\n`, 'application/x-ndjson');
}

function Waiting({ isFiltered }: { isFiltered: boolean }) {
  return (
    <section class="panel">
      <Empty title="Waiting for something to happen">
        <p>
          Each connect, message, push and disconnect becomes a line here. Open one to see its frame,
          its route, the request your backend got, what it answered, and why something was refused.
        </p>
        {isFiltered ? (
          <p>
            A filter is set: <a href={to(['trace'])}>show everything</a>.
          </p>
        ) : (
          <p>
            Nothing connects yet? <a href={to(['try'])}>Open a connection</a> in this page.
          </p>
        )}
      </Empty>
    </section>
  );
}
