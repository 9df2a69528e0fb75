/**
 * What is known about a request beside its action and resource: condition keys and their values.
 * Keys are compared without regard to case; a key with no value is a key that is not there.
 */
export type RequestContext = Readonly<Record<string, string | readonly string[]>>;

/** The values of a key, at least one, or undefined. `lowerKey` is in lower case. */
export function contextValues(
  context: RequestContext,
  lowerKey: string,
): readonly string[] | undefined {
  for (const key of Object.keys(context)) {
    if (key.length !== lowerKey.length || key.toLowerCase() !== lowerKey) continue;
    const value = context[key];
    if (typeof value === 'string') return [value];
    return value === undefined || value.length === 0 ? undefined : value;
  }
  return undefined;
}

/** The condition keys that are the same for every request of a moment. `now` is epoch milliseconds. */
export function timeConditions(now: number): RequestContext {
  return {
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
  };
}
