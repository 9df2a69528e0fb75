import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SignedRequest } from '../../../src/iam/sigv4.ts';

/** A server that answers everything with `{}` and keeps each request exactly as it came. */
export interface Recorder {
  readonly port: number;
  readonly url: string;
  /** The requests since the last call, in the order of their arrival. */
  take(): SignedRequest[];
  stop(): Promise<void>;
}

export async function startRecorder(): Promise<Recorder> {
  let recorded: SignedRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const [path, query] = splitTarget(request.url!);
    recorded.push({
      method: request.method!,
      path,
      query,
      rawHeaders: request.rawHeaders,
      body: Buffer.concat(chunks),
    });
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    take() {
      const taken = recorded;
      recorded = [];
      return taken;
    },
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export function splitTarget(target: string): [path: string, query: string] {
  const mark = target.indexOf('?');
  return mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)];
}
