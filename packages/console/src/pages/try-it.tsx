import { useEffect, useRef, useState } from 'preact/hooks';
import { listStages, type StageChoice } from '../gateway/apis.ts';
import { call } from '../gateway/call.ts';
import type { Connection, ConnectionPage } from '../gateway/types.ts';
import { useQuery } from '../gateway/use-query.ts';
import { pretty } from '../ui/code.tsx';
import { Badge, Field, Loading, Problem, SelectField, TextField } from '../ui/parts.tsx';
import { clockTime } from '../words/time.ts';
import { PushForm } from './push-form.tsx';
import { Quickstart } from './quickstart.tsx';
import { type ChosenStage, StageField } from './stage-field.tsx';
import {
  addClient,
  clients,
  type Frame,
  forgetMessage,
  removeClient,
  savedMessages,
  saveMessage,
  type TryClient,
} from './try-clients.ts';

export function TryIt() {
  const { data: stages, error, reload } = useQuery('stages', listStages, 5000);
  const first = stages?.[0];
  useEffect(() => {
    if (!first) return;
    if (clients.value.length === 0) addClient(first.apiId, first.stage);
    for (const client of clients.value) {
      if (client.apiId.value === '') choose(client, first);
    }
  }, [first]);
  return (
    <>
      <header class="page-head">
        <h1>Try it</h1>
        <p>Clients of this page, beside one another.</p>
        <button
          type="button"
          class="button push"
          disabled={!first}
          onClick={() => first && addClient(first.apiId, first.stage)}
        >
          Another client
        </button>
      </header>
      {error && <Problem error={error} retry={reload} />}
      {!stages && !error && <Loading what="Looking for stages …" />}
      {stages?.length === 0 && (
        <section class="panel">
          <Quickstart />
        </section>
      )}
      {stages && stages.length > 0 && (
        <div class="clients">
          {clients.value.map((client, index) => (
            <Client key={client.id} client={client} number={index + 1} stages={stages} />
          ))}
        </div>
      )}
      {stages && stages.length > 0 && <PushPanel />}
    </>
  );
}

/** As a backend does: to any connection, not only to those of this page. */
function PushPanel() {
  const { data } = useQuery(
    'newest',
    () => call<ConnectionPage>('/@api/connections?maxResults=50'),
    5000,
  );
  const [chosen, setChosen] = useState('');
  const items = data?.items ?? [];
  const target = items.find(({ connectionId }) => connectionId === chosen) ?? items[0];
  return (
    <section class="panel" aria-label="Push">
      <header>
        <h2>Push</h2>
        <span class="dim">to any connection, as a backend does</span>
      </header>
      <div class="body stack">
        {!target && <p class="dim">Nobody is connected. Connect a client above.</p>}
        {target && (
          <SelectField
            label="Connection, newest first"
            value={target.connectionId}
            options={items.map((one) => [one.connectionId, nameOf(one)])}
            onChange={(id) => setChosen(id)}
          />
        )}
        {target && <PushForm {...target} />}
      </div>
    </section>
  );
}

function nameOf({ connectionId, stage, principal, sourceIp, userAgent = '' }: Connection): string {
  return [connectionId, stage, principal ?? sourceIp, userAgent.slice(0, 60)].join(' · ');
}

function choose(client: TryClient, { apiId, stage }: ChosenStage): void {
  client.apiId.value = apiId;
  client.stage.value = stage;
}

interface ClientProps {
  readonly client: TryClient;
  readonly number: number;
  readonly stages: readonly StageChoice[];
}

function Client({ client, number, stages }: ClientProps) {
  const state = client.state.value;
  return (
    <section class="panel client" aria-label={`Client ${number}`}>
      <header>
        <h2>Client {number}</h2>
        <Badge tone={state === 'open' ? 'good' : state === 'connecting' ? 'warn' : 'plain'}>
          {state}
        </Badge>
        <button
          type="button"
          class="button quiet push"
          onClick={() => removeClient(client)}
          aria-label={`Remove client ${number}`}
        >
          Remove
        </button>
      </header>
      <div class="body stack">
        <Opening client={client} stages={stages} />
        <Frames frames={client.frames.value} />
        <Composer client={client} />
        {client.connectionId.value && (
          <p class="small dim">
            Connection <code>{client.connectionId.value}</code>
          </p>
        )}
      </div>
    </section>
  );
}

function Opening({ client, stages }: Pick<ClientProps, 'client' | 'stages'>) {
  const isClosed = client.state.value === 'closed';
  const toggle = (event: Event) => {
    event.preventDefault();
    if (isClosed) client.connect();
    else client.close();
  };
  return (
    <form class="stack tight" onSubmit={toggle}>
      <div class="filters narrow">
        <StageField
          value={{ apiId: client.apiId.value, stage: client.stage.value }}
          stages={stages}
          onChange={(chosen) => choose(client, chosen)}
        />
        <TextField
          label="Query"
          value={client.query.value}
          placeholder="token=abc"
          onInput={(text) => {
            client.query.value = text;
          }}
        />
        <TextField
          label="Sub-protocols"
          value={client.protocols.value}
          placeholder="none, or chat, v2"
          onInput={(text) => {
            client.protocols.value = text;
          }}
        />
      </div>
      <div class="row">
        <button type="submit" class={isClosed ? 'button primary' : 'button'}>
          {isClosed ? 'Connect' : 'Disconnect'}
        </button>
        <code class="dim cut">{client.url}</code>
      </div>
    </form>
  );
}

function Frames({ frames }: { frames: readonly Frame[] }) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [frames]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable
    <div class="frames" ref={list} role="log" aria-label="Frames" tabIndex={0}>
      <ol class="frame-list">
        {frames.length === 0 && <li class="dim">Nothing sent or received yet.</li>}
        {frames.map(({ id, at, direction, text, isBad }) => (
          <li key={id} class={isBad ? `${direction} bad` : direction}>
            <span class="mono dim">{clockTime(at)}</span>
            <span class="arrow" title={NAMES[direction]}>
              {ARROWS[direction]}
              <span class="visually-hidden">{NAMES[direction]}</span>
            </span>
            <pre>{direction === 'note' ? text : pretty(text)}</pre>
          </li>
        ))}
      </ol>
    </div>
  );
}

const ARROWS = { out: '↑', in: '↓', note: '·' } as const;
const NAMES = { out: 'sent', in: 'received', note: 'note' } as const;

function Composer({ client }: { client: TryClient }) {
  const draft = client.draft.value;
  const isOpen = client.state.value === 'open';
  const send = (event: Event) => {
    event.preventDefault();
    if (isOpen) client.send(draft);
  };
  const setDraft = (text: string) => {
    client.draft.value = text;
  };
  return (
    <form class="stack tight" onSubmit={send}>
      <Field label="Message" hint="Ctrl and Enter send it.">
        {(id) => (
          <textarea
            id={id}
            class="input"
            value={draft}
            spellcheck={false}
            onInput={(event) => setDraft(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send(event);
            }}
          />
        )}
      </Field>
      <div class="row wrap">
        <button type="submit" class="button primary" disabled={!isOpen}>
          Send
        </button>
        <button type="button" class="button quiet" onClick={() => setDraft(pretty(draft))}>
          Format JSON
        </button>
        <button type="button" class="button quiet" onClick={() => saveMessage(draft)}>
          Save
        </button>
        <button type="button" class="button quiet push" onClick={() => client.clear()}>
          Clear log
        </button>
      </div>
      {savedMessages.value.length > 0 && (
        <ul class="saved" aria-label="Saved messages">
          {savedMessages.value.map((text) => (
            <li key={text}>
              <button type="button" class="cut mono" onClick={() => setDraft(text)}>
                {text}
              </button>
              <button
                type="button"
                class="button quiet"
                aria-label={`Forget ${text}`}
                onClick={() => forgetMessage(text)}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
    </form>
  );
}
