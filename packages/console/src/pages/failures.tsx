import { useState } from 'preact/hooks';
import { call } from '../gateway/call.ts';
import type { TraceRecord } from '../gateway/types.ts';
import { useQuery } from '../gateway/use-query.ts';
import { amend, place, to } from '../router.ts';
import { Empty, Loading, Problem, Tabs } from '../ui/parts.tsx';
import { DeadLetters } from './dead-letters.tsx';
import { EventLine } from './event-line.tsx';
import { TraceDetails } from './trace-details.tsx';

const TABS = ['Refused and failed', 'Throttled', 'Dead letters'] as const;
type Tab = (typeof TABS)[number];

export function Failures() {
  const { query } = place.value;
  const [tab, setTab] = useState<Tab>(
    TABS.find((name) => name === query.get('tab')) ?? 'Refused and failed',
  );
  return (
    <>
      <header class="page-head">
        <h1>Failures</h1>
        <p>What was refused, failed or slowed down a moment ago, with the reason.</p>
      </header>
      <Tabs
        label="Kinds of failures"
        names={TABS}
        selected={tab}
        onSelect={(name) => setTab(name)}
      />
      {tab === 'Dead letters' ? <DeadLetters /> : <Recent isThrottled={tab === 'Throttled'} />}
    </>
  );
}

const isThrottle = ({ status, rule }: TraceRecord) =>
  status === 429 || /limit|quota/.test(rule ?? '');

function Recent({ isThrottled }: { isThrottled: boolean }) {
  const { data, error, reload } = useQuery(
    'failures',
    () => call<{ items: TraceRecord[] }>('/@api/failures?maxResults=500'),
    3000,
  );
  const open = place.value.query.get('open');
  const items = data?.items.filter((record) => !isThrottled || isThrottle(record));
  if (error) return <Problem error={error} retry={reload} />;
  if (!items) return <Loading what="Asking the gateway …" />;
  if (items.length === 0) return <Nothing isThrottled={isThrottled} />;
  return (
    <section class="panel" aria-label="Failures, newest first">
      <ol class="events">
        {items.map((record) => {
          const name = `${record.node}-${record.id}`;
          const isOpen = open === name;
          return (
            <li key={name}>
              <EventLine
                record={record}
                isOpen={isOpen}
                toggle={() => amend({ open: isOpen ? '' : name })}
              />
              {isOpen && <TraceDetails record={record} />}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function Nothing({ isThrottled }: { isThrottled: boolean }) {
  return (
    <section class="panel">
      <Empty
        title={isThrottled ? 'Nobody was throttled' : 'Nothing was refused and nothing failed'}
      >
        <p>
          {isThrottled
            ? 'Connections, messages and calls beyond a limit of their route, stage, key or account are listed here, with the limit’s name. Limits are set per stage and route, as on AWS.'
            : 'Connections that were turned away, messages no route took, backends that did not answer: each is listed here with the rule’s name. The gateway remembers the last hundred of each kind.'}
        </p>
        <p>
          As it happens: <a href={to(['trace'], { failuresOnly: 'true' })}>live trace</a>.
        </p>
      </Empty>
    </section>
  );
}
