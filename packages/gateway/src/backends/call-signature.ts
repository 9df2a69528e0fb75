/**
 * How an HTTP backend can tell the gateway's calls from everybody else's: one header with an
 * HMAC-SHA256 over what the call says. Ours; AWS has nothing of the kind. The README of
 * `@postern/backend`, which verifies it, says how to do so in any language.
 */
import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { Clock } from '../ambient/clock.ts';
import type { Random } from '../ambient/random.ts';
import type { HttpCall } from './http/http-call.ts';

export const SIGNATURE_HEADER = 'X-Postern-Signature';
/** The first line of what is signed: another way of signing has another. */
const VERSION = 'postern-v1';
const NONCE_BYTES = 16;
const NO_BODY = new Uint8Array(0);

export interface CallSignerOptions {
  /** The key in force, asked at every call. */
  key(): string;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
}

export class CallSigner {
  readonly #options: CallSignerOptions;
  readonly #name = SIGNATURE_HEADER.toLowerCase();
  #text: string | undefined;
  #key: KeyObject | undefined;

  constructor(options: CallSignerOptions) {
    this.#options = options;
  }

  /** The call's headers with its signature, in place of one that a client may have sent. */
  headersOf(call: HttpCall, connectionId: string): string[] {
    const { clock, random } = this.#options;
    const seconds = Math.floor(clock.now() / 1000);
    const nonce = Buffer.from(random.bytes(NONCE_BYTES)).toString('base64url');
    const signature = createHmac('sha256', this.#currentKey())
      .update(signedText(call, { seconds, nonce, connectionId }))
      .digest('hex');
    const value = `t=${seconds},n=${nonce},c=${connectionId},v1=${signature}`;
    const others = call.headers.filter((_, at) => {
      const name = call.headers[at - (at % 2)]!;
      return name.toLowerCase() !== this.#name;
    });
    return [...others, SIGNATURE_HEADER, value];
  }

  #currentKey(): KeyObject {
    const text = this.#options.key();
    if (text !== this.#text || !this.#key) {
      this.#text = text;
      this.#key = createSecretKey(text, 'utf8');
    }
    return this.#key;
  }
}

function signedText(
  { method, path, body }: Pick<HttpCall, 'method' | 'path' | 'body'>,
  said: { readonly seconds: number; readonly nonce: string; readonly connectionId: string },
): string {
  const digest = createHash('sha256')
    .update(body ?? NO_BODY)
    .digest('hex');
  const { seconds, nonce, connectionId } = said;
  return [VERSION, seconds, nonce, connectionId, method, path, digest].join('\n');
}
