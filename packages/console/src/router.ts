import { computed, signal } from '@preact/signals';

/** Where the page is: what stands behind the `#`, so that one file serves all of them. */
const hash = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
});

export interface Place {
  /** `connections` of `#/connections/abc?stage=x`. */
  readonly page: string;
  readonly rest: readonly string[];
  readonly query: URLSearchParams;
}

export const place = computed((): Place => {
  const [path = '', query = ''] = hash.value.replace(/^#\/?/, '').split('?', 2);
  const [page = '', ...rest] = path.split('/').map(decodeURIComponent);
  return { page: page === '' ? 'overview' : page, rest, query: new URLSearchParams(query) };
});

/** `#/apis/abc?stage=x`, for links. Members that are empty are left out. */
export function to(parts: readonly string[], query: Readonly<Record<string, string>> = {}): string {
  const entries = Object.entries(query).filter(([, value]) => value !== '');
  const search = new URLSearchParams(entries).toString();
  return `#/${parts.map(encodeURIComponent).join('/')}${search && `?${search}`}`;
}

export function go(parts: readonly string[], query: Readonly<Record<string, string>> = {}): void {
  location.hash = to(parts, query);
}

/** Changes the query and leaves no step behind in the history. */
export function amend(query: Readonly<Record<string, string>>): void {
  const { page, rest, query: now } = place.value;
  const target = to([page, ...rest], { ...Object.fromEntries(now), ...query });
  history.replaceState(null, '', target);
  hash.value = target;
}
