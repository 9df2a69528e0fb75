/** Whether a page's `Origin` is one that a stage allows. */
export type OriginTest = (origin: string) => boolean;

/** `*` at the beginning of a host stands for any names, one or more: not for the bare domain. */
export function compileOrigins(allowed: readonly string[]): OriginTest {
  const exact = new Set(allowed.filter((origin) => !origin.includes('*')));
  const wild = allowed
    .filter((origin) => origin.includes('*'))
    .map((origin) => origin.split('*', 2) as [string, string]);
  return (origin) => {
    // Browsers write origins in lower case; whoever does not is no browser, and means the same.
    const given = origin.toLowerCase();
    if (exact.has(given)) return true;
    return wild.some(
      ([scheme, domain]) =>
        given.startsWith(scheme) &&
        given.endsWith(domain) &&
        /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(given.slice(scheme.length, -domain.length)),
    );
  };
}
