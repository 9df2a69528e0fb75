import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { listen, type Running } from './servers.ts';

export const testCredentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};

export interface Received {
  readonly method: string;
  /** As it came over the wire. */
  readonly path: string;
  readonly connectionId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Undefined for an unsigned call, else whether the signature is Amazon's own. */
  readonly isSignatureRight: boolean | undefined;
  /** The client's port: the same one for two calls over one socket. */
  readonly port: number;
}

/** An answer of the endpoint; `hang` gives none, `reset` breaks the socket. */
export type Answer = { status: number; errorType?: string; body?: string } | 'hang' | 'reset';

export const gone: Answer = { status: 410, errorType: 'GoneException' };

export interface ManagementEndpoint extends Running {
  /** What to give as `endpoint`: with the stage. */
  readonly endpoint: string;
  readonly received: Received[];
  /** Decides the answers; 200 to everything at first. */
  answer: (request: Received) => Answer;
}

/**
 * A management endpoint on 127.0.0.1 that answers as it is told, and works every signature out
 * again with Amazon's own signer.
 */
export async function startManagementEndpoint(): Promise<ManagementEndpoint> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    receive(request).then((call) => {
      received.push(call);
      respond(response, endpoint.answer(call));
    });
  });
  const running = await listen(server);
  const endpoint: ManagementEndpoint = {
    ...running,
    endpoint: `${running.url}/production`,
    received,
    answer: ({ method }) => ({ status: method === 'DELETE' ? 204 : 200 }),
  };
  return endpoint;
}

async function receive(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const path = request.url!;
  const headers = request.headers as Record<string, string>;
  return {
    method: request.method!,
    path,
    connectionId: decodeURIComponent(path.replace(/^.*\/@connections\//, '')),
    headers,
    text: body.toString('utf8'),
    isSignatureRight: headers.authorization
      ? headers.authorization === (await sign(request.method!, path, headers, body))
      : undefined,
    port: request.socket.remotePort!,
  };
}

/** The authorization header Amazon's signer makes for the request. */
async function sign(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
): Promise<string | undefined> {
  const given = /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+)/;
  const [, region = '', service = '', names = ''] = given.exec(headers.authorization!) ?? [];
  const signer = new SignatureV4({
    credentials: testCredentials,
    region,
    service,
    sha256: Sha256,
    applyChecksum: names.includes('x-amz-content-sha256'),
  });
  const signed = names.split(';').map((name) => [name, headers[name]!]);
  const date = headers['x-amz-date']!;
  const iso = date.replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5');
  const result = await signer.sign(
    { method, protocol: 'http:', hostname: 'h', path, headers: Object.fromEntries(signed), body },
    { signingDate: new Date(iso) },
  );
  return result.headers.authorization;
}

function respond(response: ServerResponse, answer: Answer): void {
  if (answer === 'hang') return;
  if (answer === 'reset') {
    response.socket?.destroy();
    return;
  }
  const headers: Record<string, string> = {};
  if (answer.errorType) headers['x-amzn-ErrorType'] = answer.errorType;
  response.writeHead(answer.status, headers).end(answer.body ?? '');
}
