import { CallError, call } from '../gateway/call.ts';
import type { TraceRecord, TraceStep } from '../gateway/types.ts';
import { go, to } from '../router.ts';
import { Code, Copy, pretty } from '../ui/code.tsx';
import { Facts } from '../ui/parts.tsx';
import { say } from '../ui/said.tsx';
import { advice } from '../words/advice.ts';
import { bytes, reached } from '../words/numbers.ts';
import { dateTime, millis } from '../words/time.ts';
import { replayLater } from './try-clients.ts';

/** One event from its frame to its end. */
export function TraceDetails({ record }: { record: TraceRecord }) {
  const { connectionId, apiId, lines, steps } = record;
  return (
    <div class="event-body">
      <div class="stack">
        <Why record={record} />
        {steps.length > 0 && <Waterfall record={record} />}
        {!record.isDetailed && record.kind !== 'control' && (
          <p class="dim">
            Nobody was looking while it ran, so frames, requests and answers were not kept. Leave
            the live trace open and let it happen again.
          </p>
        )}
        {lines.length > 0 && (
          <section class="stack tight">
            <h3>What AWS would have logged</h3>
            <Code text={lines.join('\n')} isShort wraps />
          </section>
        )}
      </div>
      <div class="stack">
        <Facts
          of={[
            ['When', `${dateTime(new Date(record.at).toISOString())}, ${millis(record.millis)}`],
            ['API', apiId && <a href={to(['apis', apiId])}>{apiId}</a>],
            ['Stage', record.stage],
            [
              'Connection',
              connectionId && (
                <a class="mono" href={to(['trace'], { connectionId })}>
                  {connectionId}
                </a>
              ),
            ],
            ['Request id', record.requestId && <span class="mono">{record.requestId}</span>],
            ['Went', reached(record)],
            ['Length', record.bytes === undefined ? undefined : bytes(record.bytes)],
          ]}
        />
        <div class="row wrap">
          <Replay record={record} />
          {connectionId && (
            <a class="button" href={to(['connections'], { id: connectionId })}>
              Connection
            </a>
          )}
          <Copy text={JSON.stringify(record, null, 2)} label="Copy as JSON" />
        </div>
      </div>
    </div>
  );
}

/** In words, and by the name under which docs/errors.md explains it. */
function Why({ record }: { record: TraceRecord }) {
  const { reason, rule, ruleSays, kind, status } = record;
  if (reason === undefined && rule === undefined) return null;
  const isBad = kind !== 'disconnect' && status >= 500;
  const verb = kind === 'disconnect' ? 'Why it ended' : 'Why';
  return (
    <div class={isBad ? 'note bad' : 'note warn'}>
      <p>
        <b>{verb}:</b> {reason ?? rule}
      </p>
      {rule && (
        <p class="small">
          Rule <code>{rule}</code>. {ruleSays}
        </p>
      )}
      {rule && advice[rule] && (
        <p>
          <b>What to do:</b> {advice[rule]}
        </p>
      )}
    </div>
  );
}

function Waterfall({ record: { steps, millis: total } }: { record: TraceRecord }) {
  const end = Math.max(total, ...steps.map((step) => step.startMillis + step.durationMillis), 0.1);
  return (
    <ol class="waterfall">
      {steps.map((step, index) => (
        <li key={index}>
          <details open={step.name === 'frame' || steps.length === 1}>
            <summary>
              <span>{step.name}</span>
              <span class="cut dim">{headOf(step)}</span>
              <span class="track" aria-hidden="true">
                <span
                  style={{
                    left: `${(step.startMillis / end) * 100}%`,
                    width: `${Math.max((step.durationMillis / end) * 100, 0.6)}%`,
                  }}
                />
              </span>
              <span class="number">{millis(step.durationMillis)}</span>
            </summary>
            <Step step={step} />
          </details>
        </li>
      ))}
    </ol>
  );
}

function headOf({ method, url, status, note, bytes: length }: TraceStep): string {
  const request = url === undefined ? '' : `${method ?? ''} ${url}`.trim();
  const parts = [status === undefined ? '' : String(status), request, note ?? ''];
  const text = parts.filter(Boolean).join(' · ');
  return text || (length === undefined ? '' : bytes(length));
}

function Step({ step }: { step: TraceStep }) {
  const { note, method, url, status, headers = [], body } = step;
  const isCut = body !== undefined && step.bytes !== undefined && step.bytes > body.length;
  return (
    <div class="step">
      <Facts
        of={[
          ['Note', note],
          ['Request', url && <code>{`${method ?? ''} ${url}`.trim()}</code>],
          ['Status', status],
        ]}
      />
      {headers.length > 0 && (
        <Code text={headers.map(([name, value]) => `${name}: ${value}`).join('\n')} isShort wraps />
      )}
      {body !== undefined && body !== '' && <Code text={pretty(body)} isShort wraps />}
      {isCut && <p class="small dim">The beginning; the rest is not kept.</p>}
    </div>
  );
}

/** A message is sent again by a client of this page, a push to the connection that got it. */
function Replay({ record }: { record: TraceRecord }) {
  const { kind, steps, apiId, stage, connectionId } = record;
  const name = kind === 'message' ? 'frame' : 'push';
  const body = steps.find((step) => step.name === name || step.name === 'request')?.body;
  if (body === undefined || !apiId || !stage) return null;
  if (kind === 'message') {
    const open = () => {
      replayLater({ apiId, stage, text: body });
      go(['try']);
    };
    return (
      <button type="button" class="button" onClick={open}>
        Replay in Try it
      </button>
    );
  }
  if (kind !== 'push' || !connectionId) return null;
  const again = async () => {
    try {
      const path = `/@api/connections/${encodeURIComponent(connectionId)}/messages`;
      await call(path, { method: 'POST', body });
      say('Pushed again.');
    } catch (error) {
      if (error instanceof CallError) say(error.message, true);
    }
  };
  return (
    <button type="button" class="button" onClick={again}>
      Push again
    </button>
  );
}
