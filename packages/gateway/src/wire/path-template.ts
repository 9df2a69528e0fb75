/**
 * What the places of a path such as `/v2/apis/{apiId}` hold: names to segments, or `undefined` when the
 * path is another one. A place is never empty.
 */
export function matchPath(
  template: string,
  segments: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const names = template.split('/');
  if (names.length !== segments.length) return undefined;
  const places: [string, string][] = [];
  for (const [at, name] of names.entries()) {
    const segment = segments[at]!;
    if (name.startsWith('{') && segment !== '') places.push([name.slice(1, -1), segment]);
    else if (name !== segment) return undefined;
  }
  return Object.fromEntries(places);
}
