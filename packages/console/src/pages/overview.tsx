import type { Activity, Sample } from '../gateway/activity.ts';
import { listApis } from '../gateway/apis.ts';
import { call } from '../gateway/call.ts';
import { version } from '../gateway/session.ts';
import type { GatewayNode, TraceRecord } from '../gateway/types.ts';
import { useQuery } from '../gateway/use-query.ts';
import { to } from '../router.ts';
import { Chart } from '../ui/chart.tsx';
import { Badge, Dot, Loading, Problem } from '../ui/parts.tsx';
import { bytes, count, counted, rate } from '../words/numbers.ts';
import { clockTime, duration, millis } from '../words/time.ts';
import { Quickstart } from './quickstart.tsx';

const EVERY_MILLIS = 2000;

export function Overview() {
  const activity = useQuery('activity', () => call<Activity>('/@api/metrics'), EVERY_MILLIS);
  const apis = useQuery('apis', listApis, 5000);
  const { data, error, reload } = activity;
  return (
    <>
      <header class="page-head">
        <h1>Overview</h1>
        {version.value && (
          <p>Up for {duration((Date.now() - Date.parse(version.value.startedAt)) / 1000)}</p>
        )}
      </header>
      {error && <Problem error={error} retry={reload} />}
      {!data && !error && <Loading what="Asking the gateway …" />}
      {data && apis.data?.length !== 0 && <Charts activity={data} />}
      {apis.data?.length === 0 && (
        <section class="panel">
          <Quickstart />
        </section>
      )}
      <div class="halves">
        <RecentFailures />
        <Nodes />
      </div>
    </>
  );
}

function Charts({ activity: { samples } }: { activity: Activity }) {
  const times = samples.map(({ at }) => at / 1000);
  const perSecond = (name: (typeof RATES)[number]['of'] | 'fanOutPushes') =>
    samples.map((sample) => sample[name] / sample.seconds);
  const last = samples.at(-1);
  const calls = samples.reduce((sum, { fanOuts }) => sum + fanOuts, 0);
  const reached = samples.reduce((sum, { fanOutPushes }) => sum + fanOutPushes, 0);
  const fanOuts = calls > 0 && {
    note: `${count(reached)} by ${counted(calls, 'fan-out')} in 5 min`,
    hint: 'each connection that is reached; thin: those that fan-outs reach',
    lines: [perSecond('pushes'), perSecond('fanOutPushes')],
  };
  return (
    <section class="tiles" aria-label="The last five minutes">
      <Tile
        name="Connections"
        value={count(last?.connections ?? 0)}
        isWide
        {...{ times, lines: [samples.map(({ connections }) => connections)] }}
        format={whole}
      />
      <Tile
        name="Latency, 95th percentile"
        isTall
        value={last ? millis(calm(samples)) : '–'}
        hint="connects and messages, from the frame to the answer; thin: half of them"
        {...{
          times,
          lines: [
            samples.map(({ latency95 }) => latency95),
            samples.map(({ latency50 }) => latency50),
          ],
        }}
        format={whole}
      />
      {RATES.map(({ name, of, color }) => (
        <Tile
          key={of}
          name={name}
          value={rate(now(perSecond(of)))}
          times={times}
          lines={[perSecond(of)]}
          format={rate}
          {...(color && { color })}
          {...(of === 'pushes' && fanOuts)}
        />
      ))}
    </section>
  );
}

const RATES = [
  { name: 'Messages / s', of: 'messages', color: undefined },
  { name: 'Pushes / s', of: 'pushes', color: undefined },
  { name: 'Refused and failed / s', of: 'errors', color: '--bad' },
] as const;

const whole = (value: number) => (Number.isInteger(value) ? count(value) : '');
const now = (values: readonly number[]) => values.at(-1) ?? 0;
/** Of the last interval in which something happened. */
const calm = (samples: readonly Sample[]) =>
  samples.findLast(({ latency95 }) => latency95 > 0)?.latency95 ?? 0;

interface TileProps {
  readonly name: string;
  readonly value: string;
  /** Between the two. */
  readonly note?: string;
  readonly hint?: string;
  readonly isWide?: boolean;
  readonly isTall?: boolean;
  readonly color?: string;
  readonly times: readonly number[];
  readonly lines: readonly (readonly number[])[];
  format(value: number): string;
}

function Tile({
  name,
  value,
  note,
  hint,
  isWide,
  isTall,
  color = '--accent',
  ...chart
}: TileProps) {
  return (
    <figure class={isWide ? 'panel tile wide' : 'panel tile'}>
      <figcaption title={hint}>
        <span>{name}</span>
        {note && <span class="small dim push">{note}</span>}
        <strong>{value}</strong>
      </figcaption>
      {chart.times.length > 1 ? (
        <Chart {...chart} color={color} height={isWide || isTall ? 172 : 128} />
      ) : (
        <p class="dim">The first seconds …</p>
      )}
    </figure>
  );
}

function RecentFailures() {
  const { data, error, reload } = useQuery(
    'recent',
    () => call<{ items: TraceRecord[] }>('/@api/failures?maxResults=8'),
    4000,
  );
  return (
    <section class="panel">
      <header>
        <h2>Refused and failed</h2>
        <a class="push" href={to(['failures'])}>
          All
        </a>
      </header>
      {error && (
        <div class="body">
          <Problem error={error} retry={reload} />
        </div>
      )}
      {data?.items.length === 0 && (
        <p class="body dim">Nothing. What is refused or fails is listed here with its reason.</p>
      )}
      <ul class="lines">
        {data?.items.map((record) => (
          <li key={`${record.node}-${record.id}`}>
            <a href={to(['failures'], { open: `${record.node}-${record.id}` })}>
              <span class="mono dim">{clockTime(record.at).slice(0, 8)}</span>
              <Badge tone={record.status >= 500 ? 'bad' : 'warn'}>{record.status}</Badge>
              <span class="cut">
                <b>{record.kind}</b> {record.route && <code>{record.route}</code>}{' '}
                {record.reason ?? record.rule}
              </span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Nodes() {
  const { data, error, reload } = useQuery(
    'nodes',
    () => call<{ items: GatewayNode[] }>('/@api/nodes'),
    4000,
  );
  return (
    <section class="panel">
      <header>
        <h2>Nodes</h2>
        <a class="push" href={to(['gateway'])}>
          Configuration
        </a>
      </header>
      {error && (
        <div class="body">
          <Problem error={error} retry={reload} />
        </div>
      )}
      <table class="table cards">
        <thead>
          <tr>
            <th scope="col">Node</th>
            <th scope="col">State</th>
            <th scope="col" class="number">
              Connections
            </th>
            <th scope="col" class="number">
              Memory
            </th>
            <th scope="col" class="number">
              Up
            </th>
          </tr>
        </thead>
        <tbody>
          {data?.items.map((node) => (
            <tr key={node.node}>
              <th scope="row" class="mono">
                {node.node}
              </th>
              <td>
                <span class="row">
                  <Dot tone={node.state === 'ready' ? 'good' : 'warn'} />
                  {node.state}
                </span>
              </td>
              <td data-name="Connections" class="number">
                {count(node.connections)}
              </td>
              <td data-name="Memory" class="number">
                {bytes(node.memoryBytes)}
              </td>
              <td data-name="Up" class="number">
                {duration(node.uptimeSeconds)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
