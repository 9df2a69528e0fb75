import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Queue } from './queue.ts';

export interface RecordedRequest {
  readonly method: string;
  readonly url: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Name, value, name, value, as they came over the wire. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly text: string;
}

export type Answer = (request: RecordedRequest, response: ServerResponse) => void;

/** A plain HTTP backend on a free port that keeps what it receives and answers as it is told. */
export interface RecordingBackend {
  readonly url: string;
  readonly port: number;
  /** What came to a path and was not taken yet. */
  requests(path: string): Queue<RecordedRequest>;
  /** Answers 200 with an empty body until told otherwise. */
  answer(path: string, answer: Answer): void;
  stop(): Promise<void>;
}

export async function startBackend(): Promise<RecordingBackend> {
  const queues = new Map<string, Queue<RecordedRequest>>();
  const answers = new Map<string, Answer>();
  const requests = (path: string) => {
    const queue = queues.get(path) ?? new Queue<RecordedRequest>();
    queues.set(path, queue);
    return queue;
  };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const url = request.url ?? '/';
    const path = url.split('?', 1)[0]!;
    const recorded: RecordedRequest = {
      method: request.method ?? '',
      url,
      path,
      headers: request.headers,
      rawHeaders: request.rawHeaders,
      body,
      text: body.toString(),
    };
    requests(path).push(recorded);
    const answer = answers.get(path);
    if (answer) answer(recorded, response);
    else response.end();
  });
  // Its time runs while the gateway's stands still: what it closed might be in use at that moment.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    answer: (path, answer) => answers.set(path, answer),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
