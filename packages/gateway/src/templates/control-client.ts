/**
 * One control-plane call. `path` is encoded and may carry a query; `body` is what becomes JSON. The
 * answer's body is parsed; `undefined` when there is none.
 */
export type ControlCall = (
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
) => Promise<{ readonly status: number; readonly body: unknown }>;

/** The control plane refused a part of the file. The message begins with the path of that part. */
export class ApplyError extends Error {}

/** The control plane as a few verbs; a refusal is an `ApplyError` about `place`. */
export interface ControlClient {
  get<Answer>(path: string): Promise<Answer>;
  /** All pages. */
  list<Item>(path: string): Promise<Item[]>;
  create<Answer>(path: string, body: unknown): Promise<Answer>;
  update(path: string, body: unknown): Promise<void>;
  /** What is gone already counts as removed. */
  remove(path: string): Promise<void>;
  /** The same client, speaking of another place of the file, such as `apis.chat`. */
  at(place: string): ControlClient;
}

const PAGES_MAX = 10_000;

export function controlClient(call: ControlCall, place = ''): ControlClient {
  const ask = async <Answer>(...[method, path, body]: Parameters<ControlCall>) => {
    const answer = await call(method, path, body);
    if (answer.status < 300) return answer.body as Answer;
    if (method === 'DELETE' && answer.status === 404) return undefined as Answer;
    const { message } = (answer.body ?? {}) as { message?: string };
    const words = message ?? `the control plane answered ${answer.status}`;
    throw new ApplyError(place === '' ? words : `${place}: ${words}`);
  };
  return {
    get: (path) => ask('GET', path),
    create: (path, body) => ask('POST', path, body),
    update: (path, body) => ask('PATCH', path, body),
    remove: (path) => ask('DELETE', path),
    at: (other) => controlClient(call, other),
    async list<Item>(path: string) {
      const items: Item[] = [];
      let query = '';
      for (let page = 0; page < PAGES_MAX; page++) {
        const answer = await ask<{ items: Item[]; nextToken?: string }>('GET', `${path}${query}`);
        items.push(...answer.items);
        if (answer.nextToken === undefined) return items;
        query = `?nextToken=${encodeURIComponent(answer.nextToken)}`;
      }
      throw new Error(`${path} has more than ${PAGES_MAX} pages`);
    },
  };
}
