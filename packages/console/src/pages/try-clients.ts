/** WebSocket clients of this page. They outlive a change of pages; a reload ends them. */
import { type Signal, signal } from '@preact/signals';
import { call } from '../gateway/call.ts';
import { socketUrl } from '../gateway/session.ts';
import type { ConnectionPage, TraceRecord } from '../gateway/types.ts';

export interface Frame {
  readonly id: number;
  readonly at: number;
  /** `note`: what happened to the connection itself. */
  readonly direction: 'out' | 'in' | 'note';
  readonly text: string;
  readonly isBad?: boolean;
}

const FRAMES_MAX = 500;
let lastId = 0;

export class TryClient {
  readonly id = ++lastId;
  readonly apiId: Signal<string>;
  readonly stage: Signal<string>;
  readonly query = signal('');
  readonly protocols = signal('');
  readonly draft = signal('{"action":"hello"}');
  readonly state = signal<'closed' | 'connecting' | 'open'>('closed');
  readonly frames = signal<readonly Frame[]>([]);
  /** Found by asking the gateway: browsers are not told. */
  readonly connectionId = signal('');
  #socket: WebSocket | undefined;

  constructor(apiId = '', stage = '') {
    this.apiId = signal(apiId);
    this.stage = signal(stage);
  }

  get url(): string {
    const query = this.query.value.replace(/^\?/, '');
    return `${socketUrl.value}/${this.apiId.value}/${this.stage.value}${query && `?${query}`}`;
  }

  connect(): void {
    const names = this.protocols.value.split(',').map((name) => name.trim());
    const startedAt = Date.now();
    this.state.value = 'connecting';
    let socket: WebSocket;
    try {
      socket = new WebSocket(this.url, names.filter(Boolean));
    } catch (error) {
      this.state.value = 'closed';
      this.#note((error as Error).message, true);
      return;
    }
    this.#socket = socket;
    let wasOpen = false;
    socket.onopen = () => {
      wasOpen = true;
      this.state.value = 'open';
      this.#note(socket.protocol ? `Open, sub-protocol ${socket.protocol}` : 'Open');
      void this.#findId(startedAt);
    };
    socket.onmessage = async ({ data }) => {
      this.#add('in', typeof data === 'string' ? data : await (data as Blob).text());
    };
    socket.onclose = ({ code, reason }) => {
      if (this.#socket !== socket) return;
      this.state.value = 'closed';
      this.connectionId.value = '';
      if (wasOpen) this.#note(`Closed: ${code}${reason && ` ${reason}`}`, code !== 1000);
      else void this.#explain(startedAt);
    };
  }

  send(text: string): void {
    this.#socket?.send(text);
    this.#add('out', text);
  }

  close(): void {
    this.#socket?.close(1000);
  }

  clear(): void {
    this.frames.value = [];
  }

  /** A browser says only that it failed; the gateway knows why. */
  async #explain(startedAt: number): Promise<void> {
    try {
      const { items } = await call<{ items: TraceRecord[] }>(
        '/@api/failures?kinds=connect&maxResults=5',
      );
      const mine = items.find(
        ({ at, stage }) => at >= startedAt - 500 && stage === this.stage.value,
      );
      if (mine) {
        const rule = mine.rule ? ` (rule ${mine.rule})` : '';
        this.#note(`Refused with ${mine.status}: ${mine.reason ?? ''}${rule}`, true);
        return;
      }
    } catch {
      // Not allowed to ask, or nobody to ask: the browser's own word has to do.
    }
    this.#note('The connection could not be opened.', true);
  }

  /** The newest connection of this page's browser to this stage since it asked for one. */
  async #findId(startedAt: number): Promise<void> {
    try {
      const seconds = Math.ceil((Date.now() - startedAt) / 1000) + 2;
      const search = new URLSearchParams({
        apiId: this.apiId.value,
        stage: this.stage.value,
        userAgent: navigator.userAgent,
        youngerThanSeconds: String(seconds),
        maxResults: '20',
      });
      const { items } = await call<ConnectionPage>(`/@api/connections?${search}`);
      const taken = new Set(clients.value.map((client) => client.connectionId.value));
      const found = items.find(({ connectionId }) => !taken.has(connectionId));
      if (found && this.state.value === 'open') this.connectionId.value = found.connectionId;
    } catch {
      // Then pushes need the id typed in.
    }
  }

  #note(text: string, isBad = false): void {
    this.#add('note', text, isBad);
  }

  #add(direction: Frame['direction'], text: string, isBad = false): void {
    const frame = { id: ++lastId, at: Date.now(), direction, text, isBad };
    this.frames.value = [...this.frames.value.slice(1 - FRAMES_MAX), frame];
  }
}

export const clients = signal<readonly TryClient[]>([]);

export function addClient(apiId = '', stage = ''): TryClient {
  const client = new TryClient(apiId, stage);
  clients.value = [...clients.value, client];
  return client;
}

export function removeClient(client: TryClient): void {
  client.close();
  clients.value = clients.value.filter((one) => one !== client);
}

/** Puts a message where it can be sent again: in an open client of its stage, or a new one. */
export function replayLater(what: { apiId: string; stage: string; text: string }): void {
  const { apiId, stage, text } = what;
  const fitting = clients.value.filter(
    (client) => client.apiId.value === apiId && client.stage.value === stage,
  );
  const client =
    fitting.find(({ state }) => state.value === 'open') ?? fitting[0] ?? addClient(apiId, stage);
  client.draft.value = text;
}

const KEY = 'postern.messages';

/** Messages worth keeping, in this browser. */
export const savedMessages = signal<readonly string[]>(readSaved());

export function saveMessage(text: string): void {
  const others = savedMessages.value.filter((one) => one !== text);
  keep([text, ...others].slice(0, 50));
}

export function forgetMessage(text: string): void {
  keep(savedMessages.value.filter((one) => one !== text));
}

function keep(messages: readonly string[]): void {
  savedMessages.value = messages;
  localStorage.setItem(KEY, JSON.stringify(messages));
}

function readSaved(): readonly string[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}
