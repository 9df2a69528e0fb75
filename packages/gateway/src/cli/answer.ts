/** What a gateway answers a command. */
import type { IncomingMessage } from 'node:http';
import { ApplyError } from '../templates/control-client.ts';

/** The body, whole. Rejects with an `ApplyError` when it breaks off. */
export async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of answer) chunks.push(chunk as Buffer);
  } catch (error) {
    throw new ApplyError(`The answer broke off: ${(error as Error).message}`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Its JSON. Throws an `ApplyError` when it is none: somebody else has answered. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw noGateway(text);
  }
}

export const noGateway = (text: string) =>
  new ApplyError(`What answered is no gateway of Postern: ${text.slice(0, 100)}`);
