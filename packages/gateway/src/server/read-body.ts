import type { IncomingMessage } from 'node:http';

/** What is thrown away at most, so that an honest client can still read why it was refused. */
const DISCARDED_BYTES_MAX = 10 * 1024 * 1024;

/**
 * The request's body, or `tooLong` beyond `bytesMax`; the rest is read and dropped, within a bound.
 * Rejects when the client leaves before its body is complete.
 */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer | 'tooLong'> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bytesMax) chunks.push(chunk);
      else chunks.length = 0;
      if (bytes > bytesMax + DISCARDED_BYTES_MAX) request.destroy();
    });
    request.on('end', () => {
      if (bytes > bytesMax) resolve('tooLong');
      else resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(new Error('the client left before its request was complete'));
    });
  });
}
