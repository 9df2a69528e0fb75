import type { Readable } from 'node:stream';

/**
 * All that a paused stream has to read now. Node.js 20 hands it out as one piece, 26 as many as came, and tells
 * of them once: what is left is not told of again.
 */
export function piecesIn(stream: Pick<Readable, 'read'>): Buffer[] {
  const pieces: Buffer[] = [];
  for (let piece = stream.read(); piece !== null; piece = stream.read()) pieces.push(piece);
  return pieces;
}
