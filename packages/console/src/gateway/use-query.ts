import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { CallError } from './call.ts';

export interface Query<Answer> {
  /** The last answer, also while a newer one is under way or failed to come. */
  readonly data: Answer | undefined;
  readonly error: CallError | undefined;
  readonly isLoading: boolean;
  reload(): Promise<void>;
}

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
  const latest = useRef(ask);
  latest.current = ask;
  const reload = useCallback(async () => {
    asking.current += 1;
    const turn = asking.current;
    try {
      const value = await latest.current();
      if (turn !== asking.current) return;
      setData({ key, value });
      setError(undefined);
    } catch (problem) {
      if (turn !== asking.current) return;
      setError(problem instanceof CallError ? problem : new CallError(-1, 'Bug', String(problem)));
    }
    setLoading(false);
  }, [key]);
  useEffect(() => {
    setLoading(true);
    void reload();
    if (everyMillis === undefined) return;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void reload();
    }, everyMillis);
    return () => clearInterval(timer);
  }, [reload, everyMillis]);
  return { data: data?.key === key ? data.value : undefined, error, isLoading, reload };
}
