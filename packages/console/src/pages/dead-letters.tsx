import { useState } from 'preact/hooks';
import { CallError, call } from '../gateway/call.ts';
import { useQuery } from '../gateway/use-query.ts';
import { Empty, Loading, Problem } from '../ui/parts.tsx';
import { say } from '../ui/said.tsx';
import { count, counted } from '../words/numbers.ts';
import { dateTime } from '../words/time.ts';

interface Letter {
  readonly id: string;
  readonly connectionId: string;
  readonly stage: string;
  readonly buriedAt: string;
  readonly attempts: number;
  readonly reason: string;
}

interface Letters {
  readonly items: readonly Letter[];
  readonly total: number;
  /** What is still tried. */
  readonly waiting: number;
}

type Act = (method: string, path: string, done: string) => void;

const PATH = '/@api/dead-letters';

/** `$disconnect` events that no attempt could deliver to their backend. */
export function DeadLetters() {
  const { data, error, reload } = useQuery('dead-letters', () => call<Letters>(PATH), 5000);
  const [isBusy, setBusy] = useState(false);
  const act = async (method: string, path: string, done: string) => {
    setBusy(true);
    try {
      await call(path, { method });
      say(done);
    } catch (problem) {
      if (problem instanceof CallError) say(problem.message, true);
    }
    // What is gone cannot be pressed: not before the list is new.
    await reload();
    setBusy(false);
  };
  if (error) return <Problem error={error} retry={reload} />;
  if (!data) return <Loading what="Asking the gateway …" />;
  const { items, total, waiting } = data;
  if (total === 0) return <NoLetters waiting={waiting} />;
  return (
    <section class="panel">
      <header>
        <h2>{counted(total, 'dead letter')}</h2>
        {waiting > 0 && <span class="dim">{count(waiting)} still tried</span>}
        <button
          type="button"
          class="button push"
          disabled={isBusy}
          onClick={() => act('POST', `${PATH}/replay`, 'Being tried again.')}
        >
          Try all again
        </button>
      </header>
      <ul class="lines">
        {items.map((letter) => (
          <LetterLine key={letter.id} letter={letter} isBusy={isBusy} act={act} />
        ))}
      </ul>
    </section>
  );
}

function LetterLine(props: { letter: Letter; isBusy: boolean; act: Act }) {
  const { letter, isBusy, act } = props;
  const path = `${PATH}/${encodeURIComponent(letter.id)}`;
  return (
    <li class="letter">
      <code>{letter.connectionId}</code>
      <span>
        {letter.reason}{' '}
        <span class="dim">
          {letter.stage}, given up {dateTime(letter.buriedAt)} after{' '}
          {counted(letter.attempts, 'attempt')}
        </span>
      </span>
      <span class="row push">
        <button
          type="button"
          class="button"
          disabled={isBusy}
          onClick={() => act('POST', `${path}/replay`, 'Being tried again.')}
        >
          Try again
        </button>
        <button
          type="button"
          class="button danger"
          disabled={isBusy}
          onClick={() => act('DELETE', path, 'Forgotten.')}
        >
          Forget
        </button>
      </span>
    </li>
  );
}

function NoLetters({ waiting }: { waiting: number }) {
  return (
    <section class="panel">
      <Empty title="Every $disconnect was delivered">
        <p>
          A backend that is down is told again for a while. What no attempt could deliver is kept
          here, to be tried again once the backend is back.
        </p>
        {waiting > 0 && <p>{counted(waiting, 'event')} still being tried.</p>}
      </Empty>
    </section>
  );
}
