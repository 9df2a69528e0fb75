import { useState } from 'preact/hooks';
import { call } from '../gateway/call.ts';
import { version } from '../gateway/session.ts';
import type { Configuration } from '../gateway/types.ts';
import { useQuery } from '../gateway/use-query.ts';
import { Code } from '../ui/code.tsx';
import { Badge, Check, Facts, Loading, Problem } from '../ui/parts.tsx';
import { dateTime } from '../words/time.ts';

export function Gateway() {
  const { data, error, reload } = useQuery('configuration', () =>
    call<Configuration>('/@api/configuration'),
  );
  return (
    <>
      <header class="page-head">
        <h1>Gateway</h1>
        <p>What runs, and the configuration in force. Secrets are not shown.</p>
      </header>
      <About />
      {error && <Problem error={error} retry={reload} />}
      {!data && !error && <Loading what="Asking the gateway …" />}
      {data && <Settings of={data} />}
      {data && <Users of={data} />}
    </>
  );
}

function About() {
  const about = version.value;
  if (!about) return null;
  return (
    <section class="panel">
      <div class="body">
        <Facts
          of={[
            ['Version', `${about.version}, on Node.js ${about.nodejs}`],
            [
              'Mode',
              about.mode === 'dev'
                ? 'dev: any credentials, this machine only'
                : 'start: signatures and policies verified',
            ],
            ['Clients connect to', <code>{about.url.replace(/^http/, 'ws')}</code>],
            ['Account, region', `${about.account}, ${about.region}`],
            ['This node', <code>{about.node}</code>],
            ['Started', dateTime(about.startedAt)],
          ]}
        />
      </div>
    </section>
  );
}

function Settings({ of: { settings } }: { of: Configuration }) {
  const [isAll, setAll] = useState(false);
  const isChanged = (one: Configuration['settings'][number]) =>
    JSON.stringify(one.value) !== JSON.stringify(one.default);
  const shown = settings.filter((one) => isAll || isChanged(one));
  return (
    <section class="panel">
      <header>
        <h2>Settings</h2>
        <span class="push">
          <Check label="Also those at their default" checked={isAll} onChange={setAll} />
        </span>
      </header>
      {shown.length === 0 && <p class="body dim">Every setting is at its default.</p>}
      <div class="scroll">
        <table class="table cards">
          <tbody>
            {shown.map((one) => (
              <tr key={one.key}>
                <th scope="row">
                  <code>{one.key}</code>
                </th>
                <td class="whole">
                  <code>{textOf(one.value)}</code>{' '}
                  {isChanged(one) && isAll && <Badge tone="accent">set</Badge>}
                </td>
                <td class="dim whole">{one.sentence}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const textOf = (value: unknown) =>
  value === null || value === '' ? '–' : typeof value === 'string' ? value : JSON.stringify(value);

function Users({ of: { users } }: { of: Configuration }) {
  return (
    <section class="panel">
      <header>
        <h2>Users</h2>
      </header>
      {users.length === 0 ? (
        <p class="body dim">
          None. <code>postern start</code> needs users with access keys and policies in{' '}
          <code>postern.yaml</code>; <code>postern dev</code> lets anyone on this machine in.
        </p>
      ) : (
        <ul class="body stack">
          {users.map(({ name, accessKeys, tokens, policies }) => (
            <li key={name} class="stack tight">
              <div class="row wrap">
                <h3>{name}</h3>
                {accessKeys.map(({ accessKeyId, enabled }) => (
                  <Badge key={accessKeyId} tone={enabled ? 'plain' : 'warn'}>
                    {accessKeyId}
                    {enabled ? '' : ' (disabled)'}
                  </Badge>
                ))}
                {tokens > 0 && <Badge>{tokens === 1 ? 'a token' : `${tokens} tokens`}</Badge>}
              </div>
              <details>
                <summary>
                  {policies.length === 1 ? 'A policy' : `${policies.length} policies`}
                </summary>
                <Code text={JSON.stringify(policies, null, 2)} />
              </details>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
