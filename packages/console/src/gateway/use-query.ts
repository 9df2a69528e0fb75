import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { CallError } from './call.ts';

export interface Query<Answer> {
  /** The last answer, also while a newer one is under way or failed to come. */
  readonly data: Answer | undefined;
  readonly error: CallError | undefined;
  readonly isLoading: boolean;
  reload(): Promise<void>;
}

/** A question whose answer has been lost, such as while a laptop slept, is asked again after so long. */
const PATIENCE_MILLIS = 30_000;

/** Asks when `key` changes and, with `everyMillis`, again and again while the page can be seen. */
export function useQuery<Answer>(
  key: string,
  ask: () => Promise<Answer>,
  everyMillis?: number,
): Query<Answer> {
  const [data, setData] = useState<{ key: string; value: Answer }>();
  const [error, setError] = useState<CallError>();
  const [isLoading, setLoading] = useState(true);
  const asking = useRef(0);
  const answered = useRef(0);
  const askedAt = useRef(0);
  const latest = useRef(ask);
  latest.current = ask;
  const reload = useCallback(async () => {
    asking.current += 1;
    askedAt.current = performance.now();
    const turn = asking.current;
    try {
      const value = await latest.current();
      if (turn !== asking.current) return;
      answered.current = turn;
      setData({ key, value });
      setError(undefined);
    } catch (problem) {
      if (turn !== asking.current) return;
      answered.current = turn;
      setError(problem instanceof CallError ? problem : new CallError(-1, 'Bug', String(problem)));
    }
    setLoading(false);
  }, [key]);
  useEffect(() => {
    setLoading(true);
    void reload();
    if (everyMillis === undefined) return;
    const timer = setInterval(() => {
      // Of a gateway that takes longer than this, no answer would ever be the newest.
      const isOpen = answered.current !== asking.current;
      if (isOpen && performance.now() - askedAt.current < PATIENCE_MILLIS) return;
      if (document.visibilityState === 'visible') void reload();
    }, everyMillis);
    return () => clearInterval(timer);
  }, [reload, everyMillis]);
  return { data: data?.key === key ? data.value : undefined, error, isLoading, reload };
}
