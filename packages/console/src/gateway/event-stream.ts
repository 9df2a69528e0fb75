/**
 * Server-sent events over fetch, because EventSource cannot carry a signature. Comes back by itself,
 * more slowly each time, and tells the gateway the last event it saw.
 */
import { CallError, open } from './call.ts';

export interface StreamEvent {
  readonly event: string;
  readonly id: string;
  readonly data: string;
}

export interface StreamOptions {
  /** With its query. */
  readonly path: string;
  receive(event: StreamEvent): void;
  state(state: 'open' | 'lost', error?: CallError): void;
}

const PAUSE_MILLIS_MAX = 10_000;

/** Returns what ends it. */
export function follow({ path, receive, state }: StreamOptions): () => void {
  const abort = new AbortController();
  let lastId = '';
  let pause = 500;
  const run = async () => {
    while (!abort.signal.aborted) {
      try {
        const since = lastId && `${path.includes('?') ? '&' : '?'}since=${lastId}`;
        const response = await open(path + since, { signal: abort.signal });
        state('open');
        pause = 500;
        for await (const event of events(response.body!)) {
          if (event.id) lastId = event.id;
          receive(event);
        }
        state('lost');
      } catch (error) {
        if (abort.signal.aborted) return;
        const known = error instanceof CallError ? error : undefined;
        state('lost', known);
        // Whoever may not, may not a second later either.
        if (known && known.status >= 400 && known.status < 500) return;
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(pause * 2, PAUSE_MILLIS_MAX);
    }
  };
  void run();
  return () => abort.abort();
}

async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const reader = body.pipeThrough(new TextDecoderStream() as never).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = (await reader.read()) as { done: boolean; value?: string };
    if (done) return;
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop()!;
    for (const block of blocks) {
      const event = parse(block);
      if (event) yield event;
    }
  }
}

function parse(block: string): StreamEvent | undefined {
  const fields = { event: 'message', id: '', data: '' };
  let isEmpty = true;
  for (const line of block.split('\n')) {
    const at = line.indexOf(': ');
    const name = line.slice(0, at);
    if (at < 1 || !(name in fields)) continue;
    fields[name as keyof typeof fields] = line.slice(at + 2);
    isEmpty = false;
  }
  return isEmpty ? undefined : fields;
}
