import { useState } from 'preact/hooks';
import { CallError, call } from '../gateway/call.ts';
import type { Connection } from '../gateway/types.ts';
import { useQuery } from '../gateway/use-query.ts';
import { to } from '../router.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Facts, Loading, Problem } from '../ui/parts.tsx';
import { say } from '../ui/said.tsx';
import { bytes } from '../words/numbers.ts';
import { dateTime, since } from '../words/time.ts';
import { PushForm } from './push-form.tsx';

export interface ConnectionDetailsProps {
  readonly connectionId: string;
  onClose(): void;
  changed(): void;
}

export function ConnectionDetails({ connectionId, onClose, changed }: ConnectionDetailsProps) {
  const path = `/@api/connections/${encodeURIComponent(connectionId)}`;
  const { data, error } = useQuery(path, () => call<Connection>(path), 3000);
  const [isSure, setSure] = useState(false);
  const close = async () => {
    try {
      await call(path, { method: 'DELETE' });
      say('Closed with 1000.');
      changed();
      onClose();
    } catch (problem) {
      if (problem instanceof CallError) say(problem.message, true);
    }
  };
  return (
    <Dialog
      isAside
      title={<span class="mono">{connectionId}</span>}
      onClose={onClose}
      footer={
        <>
          <a class="button" href={to(['trace'], { connectionId })}>
            Trace it
          </a>
          {isSure ? (
            <button type="button" class="button danger" onClick={close}>
              Yes, close it
            </button>
          ) : (
            <button
              type="button"
              class="button danger"
              disabled={!data}
              onClick={() => setSure(true)}
            >
              Close the connection …
            </button>
          )}
        </>
      }
    >
      {error && <Problem error={error} />}
      {!data && !error && <Loading what="Asking the node …" />}
      {data && <Details of={data} />}
      {data && (
        <section class="stack tight">
          <h3>Send a test message</h3>
          <PushForm apiId={data.apiId} stage={data.stage} connectionId={connectionId} />
        </section>
      )}
    </Dialog>
  );
}

function Details({ of }: { of: Connection }) {
  const { authorizer } = of;
  return (
    <Facts
      of={[
        ['API', <a href={to(['apis', of.apiId])}>{of.apiId}</a>],
        ['Stage', of.stage],
        ['Address', <span class="mono">{of.sourceIp}</span>],
        ['User agent', of.userAgent ?? <span class="dim">none sent</span>],
        ['Principal', of.principal],
        ['Connected', `${dateTime(of.connectedAt)}, ${since(of.connectedAt)} ago`],
        ['Last frame', `${since(of.lastActiveAt)} ago`],
        ['Called', of.domainName],
        ['Node', <span class="mono">{of.node}</span>],
        ['In processing', `${of.messagesInFlight} messages`],
        ['Unread by the client', bytes(of.bytesUnread)],
        ['From the authorizer', authorizer && <pre>{JSON.stringify(authorizer, null, 2)}</pre>],
      ]}
    />
  );
}
