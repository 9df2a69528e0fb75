import type { Cancel, Clock } from '../../ambient/clock.ts';
import { BackendError, classify } from './backend-error.ts';
import type { HttpAnswer, HttpCall } from './http-call.ts';
import type { LaneRequest } from './lane-connection.ts';

/** AWS's limit on an integration's answer. */
export const RESPONSE_BYTES_MAX = 10 * 1024 * 1024;
const NO_BODY = Buffer.alloc(0);

/** One call under way, whoever carries it. Settles exactly once. */
export class Exchange implements LaneRequest {
  /** For a lane; undici writes its own. */
  head = '';
  readonly #call: HttpCall;
  readonly #resolve: (answer: HttpAnswer) => void;
  readonly #reject: (error: BackendError) => void;
  readonly #cancelDeadline: Cancel;
  #chunks: Buffer[] | undefined;
  #abortCarrier: ((error: Error) => void) | undefined;
  #settled = false;
  #bytes = 0;
  #status = 0;
  #headers: HttpAnswer['headers'] = {};

  constructor(
    call: HttpCall,
    clock: Clock,
    resolve: (answer: HttpAnswer) => void,
    reject: (error: BackendError) => void,
  ) {
    this.#call = call;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#cancelDeadline = clock.after(call.timeoutMillis, () => {
      this.#abort(new BackendError('timeout', `no answer within ${call.timeoutMillis} ms`));
    });
  }

  get body(): Uint8Array | null {
    return this.#call.body;
  }

  get isBodyless(): boolean {
    return this.#call.method === 'HEAD';
  }

  started(abort: (error: Error) => void): void {
    this.#abortCarrier = abort;
    // The deadline may have passed while the call waited for a connection.
    if (this.#settled) abort(new Error('deadline passed'));
  }

  receivedHead(status: number, headers: HttpAnswer['headers']): void {
    this.#status = status;
    this.#headers = headers;
  }

  receivedData(piece: Buffer): void {
    this.#bytes += piece.length;
    if (this.#bytes > RESPONSE_BYTES_MAX) {
      this.#abort(new BackendError('tooLarge', `the answer exceeds ${RESPONSE_BYTES_MAX} bytes`));
    } else if (this.#call.wantsBody) {
      this.#chunks ??= [];
      this.#chunks.push(Buffer.from(piece));
    }
  }

  ended(): void {
    if (this.#settled) return;
    this.#settle();
    const chunks = this.#chunks;
    const body = !chunks ? NO_BODY : chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
    this.#resolve({ status: this.#status, headers: this.#headers, body });
  }

  failed(error: Error): void {
    if (this.#settled) return;
    this.#settle();
    this.#reject(error instanceof BackendError ? error : classify(error));
  }

  #abort(error: BackendError): void {
    this.failed(error);
    this.#abortCarrier?.(error);
  }

  #settle(): void {
    this.#settled = true;
    this.#cancelDeadline();
  }
}
