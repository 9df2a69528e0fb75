import { CallError, call } from '../gateway/call.ts';
import { useQuery } from '../gateway/use-query.ts';
import { Code } from '../ui/code.tsx';
import { Empty, Loading, Problem } from '../ui/parts.tsx';

interface Letters {
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

/** What could not be delivered after every attempt, where this gateway keeps such letters. */
export function DeadLetters() {
  const { data, error, reload } = useQuery('dead-letters', readLetters, 5000);
  if (error) return <Problem error={error} retry={reload} />;
  if (!data) return <Loading what="Asking the gateway …" />;
  if (data === 'none') {
    return (
      <section class="panel">
        <Empty title="This gateway keeps no dead letters">
          <p>
            A backend that could not be told of an event is named under “Refused and failed” when it
            happens.
          </p>
        </Empty>
      </section>
    );
  }
  if (data.items.length === 0) {
    return (
      <section class="panel">
        <Empty title="Everything was delivered">
          <p>Events that no attempt could deliver to their backend are kept here.</p>
        </Empty>
      </section>
    );
  }
  return (
    <section class="panel">
      <ul class="body stack">
        {data.items.map((letter) => {
          const text = JSON.stringify(letter, null, 2);
          return (
            <li key={text}>
              <Code text={text} isShort />
            </li>
          );
        })}
      </ul>
    </section>
  );
}

async function readLetters(): Promise<Letters | 'none'> {
  try {
    return await call<Letters>('/@api/dead-letters');
  } catch (error) {
    if (error instanceof CallError && error.status === 404) return 'none';
    throw error;
  }
}
