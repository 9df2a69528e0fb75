import { messageIn } from '../wire/exceptions.ts';

/**
 * One control-plane call. `path` is encoded and may carry a query; `body` is what becomes JSON. The
 * answer's body is parsed; `undefined` when there is none.
 */
export type ControlCall = (
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
) => Promise<{ readonly status: number; readonly body: unknown }>;

/** The control plane refused a part of the file. The message begins with the path of that part. */
export class ApplyError extends Error {
  /** Of the answer, where the control plane said so itself. */
  readonly status: number | undefined;
  /** What it said, without the path. */
  readonly words: string;

  constructor(message: string, status?: number, words = message) {
    super(message);
    this.status = status;
    this.words = words;
  }
}

/** The control plane as a few verbs; a refusal is an `ApplyError` about `place`. */
export interface ControlClient {
  get<Answer>(path: string): Promise<Answer>;
  /** `undefined` when there is none. */
  find<Answer>(path: string): Promise<Answer | undefined>;
  /** All pages. */
  list<Item>(path: string): Promise<Item[]>;
  create<Answer>(path: string, body: unknown): Promise<Answer>;
  put(path: string, body: unknown): Promise<void>;
  update(path: string, body: unknown): Promise<void>;
  /** What is gone already counts as removed. */
  remove(path: string): Promise<void>;
  /** The same client, speaking of another place of the file, such as `apis.chat`. */
  at(place: string): ControlClient;
}

/** The older API calls its members `item` and its token `position`. */
interface ListAnswer<Item> {
  readonly items?: readonly Item[];
  readonly item?: readonly Item[];
  readonly nextToken?: string;
  readonly position?: string;
}

const PAGES_MAX = 10_000;

export function controlClient(call: ControlCall, place = ''): ControlClient {
  const ask = async <Answer>(...[method, path, body]: Parameters<ControlCall>) => {
    const answer = await call(method, path, body);
    if (answer.status < 300) return answer.body as Answer;
    if (method === 'DELETE' && answer.status === 404) return undefined as Answer;
    const message = messageIn(answer.body);
    const words = message ?? `the control plane answered ${answer.status}`;
    throw new ApplyError(place === '' ? words : `${place}: ${words}`, answer.status, words);
  };
  return {
    get: (path) => ask('GET', path),
    async find<Answer>(path: string) {
      try {
        return await ask<Answer>('GET', path);
      } catch (error) {
        if (error instanceof ApplyError && error.status === 404) return undefined;
        throw error;
      }
    },
    create: (path, body) => ask('POST', path, body),
    put: (path, body) => ask('PUT', path, body),
    update: (path, body) => ask('PATCH', path, body),
    remove: (path) => ask('DELETE', path),
    at: (other) => controlClient(call, other),
    async list<Item>(path: string) {
      const items: Item[] = [];
      let query = '';
      for (let page = 0; page < PAGES_MAX; page++) {
        const answer = await ask<ListAnswer<Item>>('GET', `${path}${query}`);
        items.push(...(answer.items ?? answer.item ?? []));
        const { nextToken, position } = answer;
        if (nextToken === undefined && position === undefined) return items;
        const [name, value] =
          nextToken === undefined ? ['position', position] : ['nextToken', nextToken];
        query = `?${name}=${encodeURIComponent(value!)}`;
      }
      throw new Error(`${path} has more than ${PAGES_MAX} pages`);
    },
  };
}
