import { useState } from 'preact/hooks';
import { listStages, type StageChoice } from '../gateway/apis.ts';
import { CallError, call } from '../gateway/call.ts';
import { socketUrl } from '../gateway/session.ts';
import type { Connection, ConnectionPage } from '../gateway/types.ts';
import { useQuery } from '../gateway/use-query.ts';
import { amend, place, to } from '../router.ts';
import { Code } from '../ui/code.tsx';
import { Badge, Empty, Loading, Problem, TextField } from '../ui/parts.tsx';
import { say } from '../ui/said.tsx';
import { count, counted } from '../words/numbers.ts';
import { since } from '../words/time.ts';
import { ConnectionDetails } from './connection-details.tsx';
import { StageField } from './stage-field.tsx';

const EVERY_MILLIS = 3000;
const FILTERS = [
  ['address', 'Address or range', '10.0.0.0/8'],
  ['userAgent', 'User agent contains', 'Firefox'],
  ['principal', 'Principal', 'what the authorizer said'],
  ['olderThanSeconds', 'Open for at least, seconds', '3600'],
  ['idleForSeconds', 'Idle for at least, seconds', '300'],
] as const;

export function Connections() {
  const { query } = place.value;
  const filter = filterOf(query);
  const [token, setToken] = useState('');
  const search = new URLSearchParams({ ...filter, ...(token && { nextToken: token }) }).toString();
  const page = useQuery(
    search,
    () => call<ConnectionPage>(`/@api/connections?${search}`),
    EVERY_MILLIS,
  );
  const stages = useQuery('stages', listStages);
  const isFiltered = Object.keys(filter).length > 0;
  const change = (name: string, value: string) => {
    setToken('');
    amend({ [name]: value });
  };
  const { data, error, reload } = page;
  const selected = query.get('id');
  return (
    <>
      <header class="page-head">
        <h1>Connections</h1>
        {data && (
          <p role="status">
            {isFiltered
              ? `${count(data.total)} of ${counted(data.open, 'connection')}`
              : counted(data.open, 'connection')}
          </p>
        )}
        <Sweep done={reload} />
      </header>
      <Filters {...{ query, stages: stages.data ?? [], change }} />
      {error && <Problem error={error} retry={reload} />}
      {!data && !error && <Loading what="Looking …" />}
      {data && data.items.length === 0 && (isFiltered ? <NoneFits change={change} /> : <NoneYet />)}
      {data && data.items.length > 0 && (
        <section class="panel">
          <List items={data.items} />
          {(token || data.nextToken) && (
            <footer class="row pager">
              <button type="button" class="button" disabled={!token} onClick={() => setToken('')}>
                Newest
              </button>
              <button
                type="button"
                class="button"
                disabled={!data.nextToken}
                onClick={() => setToken(data.nextToken!)}
              >
                Older
              </button>
            </footer>
          )}
        </section>
      )}
      {selected && (
        <ConnectionDetails
          connectionId={selected}
          onClose={() => amend({ id: '' })}
          changed={reload}
        />
      )}
    </>
  );
}

function filterOf(query: URLSearchParams): Record<string, string> {
  const names = ['search', 'apiId', 'stage', ...FILTERS.map(([name]) => name)];
  return Object.fromEntries(
    names.map((name) => [name, query.get(name) ?? '']).filter(([, value]) => value !== ''),
  );
}

interface FiltersProps {
  readonly query: URLSearchParams;
  readonly stages: readonly StageChoice[];
  change(name: string, value: string): void;
}

function Filters({ query, stages, change }: FiltersProps) {
  const value = (name: string) => query.get(name) ?? '';
  const isMore = FILTERS.some(([name]) => value(name) !== '');
  return (
    <search class="stack tight">
      <div class="filters first-wide">
        <TextField
          label="Search"
          type="search"
          value={value('search')}
          placeholder="Connection id, address, user agent, principal"
          onInput={(text) => change('search', text)}
        />
        <StageField
          none="All"
          value={{ apiId: value('apiId'), stage: value('stage') }}
          stages={stages}
          onChange={({ apiId, stage }) => amend({ apiId, stage })}
        />
      </div>
      <details open={isMore}>
        <summary>More filters</summary>
        <div class="filters more">
          {FILTERS.map(([name, label, placeholder]) => (
            <TextField
              key={name}
              label={label}
              value={value(name)}
              placeholder={placeholder}
              onInput={(text) => change(name, text)}
            />
          ))}
        </div>
      </details>
    </search>
  );
}

function List({ items }: { items: readonly Connection[] }) {
  return (
    <div class="scroll">
      <table class="table cards">
        <thead>
          <tr>
            <th scope="col">Connection</th>
            <th scope="col">Stage</th>
            <th scope="col">Client</th>
            <th scope="col">Principal</th>
            <th scope="col" class="number">
              Open for
            </th>
            <th scope="col" class="number">
              Idle for
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <tr key={one.connectionId} class="link" onClick={() => amend({ id: one.connectionId })}>
              <th scope="row">
                <button type="button" class="open mono">
                  {one.connectionId}
                </button>
              </th>
              <td data-name="Stage">{one.stage}</td>
              <td class="whole">
                <span class="mono">{one.sourceIp}</span>{' '}
                <span class="dim cut agent" title={one.userAgent}>
                  {one.userAgent ?? 'no user agent'}
                </span>
              </td>
              <td data-name="Principal">{one.principal ?? <span class="dim">–</span>}</td>
              <td data-name="Open for" class="number">
                {since(one.connectedAt)}
              </td>
              <td data-name="Idle for" class="number">
                {since(one.lastActiveAt)}
                {one.bytesUnread > 0 && (
                  <>
                    {' '}
                    <Badge tone="warn" title={`${one.bytesUnread} bytes wait for the client`}>
                      slow
                    </Badge>
                  </>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Clients that left without a word are found by asking all of them for a sign of life. */
function Sweep({ done }: { done(): void }) {
  const [isBusy, setBusy] = useState(false);
  const sweep = async () => {
    setBusy(true);
    try {
      const { asked, dropped } = await call<{ asked: number; dropped: string[] }>('/@api/sweep', {
        method: 'POST',
        body: { waitSeconds: 5 },
      });
      say(
        dropped.length === 0
          ? `All ${counted(asked, 'client')} answered.`
          : `${counted(dropped.length, 'client')} of ${asked} did not answer: dropped.`,
      );
    } catch (error) {
      if (error instanceof CallError) say(error.message, true);
    }
    setBusy(false);
    done();
  };
  return (
    <button
      type="button"
      class="button push"
      disabled={isBusy}
      onClick={sweep}
      title="Pings every client and drops those that do not answer within 5 seconds"
    >
      {isBusy ? 'Asking every client …' : 'Sweep stale'}
    </button>
  );
}

function NoneFits({ change }: { change(name: string, value: string): void }) {
  const clear = () => {
    for (const name of ['search', 'apiId', 'stage', ...FILTERS.map(([one]) => one)]) {
      change(name, '');
    }
  };
  return (
    <Empty title="No connection fits">
      <button type="button" class="button" onClick={clear}>
        Clear the filters
      </button>
    </Empty>
  );
}

function NoneYet() {
  return (
    <Empty title="Nobody is connected">
      <p>
        Open one from any page of this machine, or on the page <a href={to(['try'])}>Try it</a>.
        Clients that were refused are on <a href={to(['failures'])}>Failures</a>, with the reason.
      </p>
      <Code
        text={`socket = new WebSocket('${socketUrl.value}/production');
socket.onmessage = (event) => console.log(event.data);`}
      />
    </Empty>
  );
}
