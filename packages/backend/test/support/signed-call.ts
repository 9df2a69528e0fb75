import { createHash, createHmac } from 'node:crypto';

export const KEY = 'a key of at least thirty-two characters';
export const CONNECTION_ID = 'gbgA_A9XiQAYKEiI6A==';

export interface CallToSign {
  readonly method?: string;
  readonly url: string;
  readonly body?: string;
  readonly key?: string;
  readonly nonce?: string;
  readonly connectionId?: string;
  readonly seconds?: number;
}

/** The header as Postern's documentation says that it is made. */
export function signatureOf({
  method = 'POST',
  url,
  body = '',
  key = KEY,
  nonce = 'AAECAwQFBgcICQoLDA0ODw',
  connectionId = CONNECTION_ID,
  seconds = Math.floor(Date.now() / 1000),
}: CallToSign): string {
  const digest = createHash('sha256').update(body).digest('hex');
  const text = `postern-v1\n${seconds}\n${nonce}\n${connectionId}\n${method}\n${url}\n${digest}`;
  const signature = createHmac('sha256', key).update(text).digest('hex');
  return `t=${seconds},n=${nonce},c=${connectionId},v1=${signature}`;
}
