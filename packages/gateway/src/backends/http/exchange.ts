import { BackendError, classify } from './backend-error.ts';
import { Deadline, type Deadlines } from './deadlines.ts';
import type { CallListener, CallTerms, HttpAnswer } from './http-call.ts';
import type { LaneRequest } from './lane-connection.ts';

/** AWS's limit on an integration's answer. */
export const RESPONSE_BYTES_MAX = 10 * 1024 * 1024;
const NO_BODY = Buffer.alloc(0);
const NO_HEADERS: HttpAnswer['headers'] = Object.freeze({});

/** What has a call's request, or will send it. */
export interface Carrier {
  /** Nobody waits for the answer any more. */
  giveUp(exchange: LaneRequest, error: Error): void;
}

/** One call under way, whoever carries it. Settles exactly once. */
export class Exchange extends Deadline implements LaneRequest {
  /** For a lane; undici writes its own. */
  head = '';
  /** The body where it is ASCII, so that the whole request can be one text. */
  text: string | undefined;
  readonly #call: CallTerms;
  readonly #listener: CallListener;
  readonly #deadlines: Deadlines;
  #chunks: Buffer | Buffer[] | undefined;
  #carrier: Carrier | undefined;
  #settled = false;
  #bytes = 0;
  #status = 0;
  #headers = NO_HEADERS;

  constructor(call: CallTerms, listener: CallListener, deadlines: Deadlines) {
    super();
    this.#call = call;
    this.#listener = listener;
    this.#deadlines = deadlines;
    deadlines.begin(this, call.timeoutMillis);
  }

  get body(): Uint8Array | string | null {
    return this.text ?? this.#call.body;
  }

  get isBodyless(): boolean {
    return this.#call.method === 'HEAD';
  }

  carriedBy(carrier: Carrier): void {
    this.#carrier = carrier;
    // The deadline may have passed while the call waited for a connection.
    if (this.#settled) carrier.giveUp(this, new Error('deadline passed'));
  }

  receivedHead(status: number, headers: HttpAnswer['headers']): void {
    this.#status = status;
    this.#headers = headers;
  }

  receivedData(bytes: Buffer, start: number, end: number): void {
    this.#bytes += end - start;
    if (this.#bytes > RESPONSE_BYTES_MAX) {
      this.#abort(new BackendError('tooLarge', `the answer exceeds ${RESPONSE_BYTES_MAX} bytes`));
    } else if (this.#call.wantsBody) {
      const copy = Buffer.allocUnsafe(end - start);
      bytes.copy(copy, 0, start, end);
      if (this.#chunks === undefined) this.#chunks = copy;
      else if (Array.isArray(this.#chunks)) this.#chunks.push(copy);
      else this.#chunks = [this.#chunks, copy];
    }
  }

  ended(): void {
    if (this.#settled) return;
    this.#settle();
    const chunks = this.#chunks ?? NO_BODY;
    const body = Array.isArray(chunks) ? Buffer.concat(chunks) : chunks;
    this.#listener.answered(this.#status, this.#headers, body);
  }

  failed(error: Error): void {
    if (this.#settled) return;
    this.#settle();
    this.#listener.failed(error instanceof BackendError ? error : classify(error));
  }

  override passed(): void {
    const { timeoutMillis } = this.#call;
    this.#abort(new BackendError('timeout', `no answer within ${timeoutMillis} ms`));
  }

  #abort(error: BackendError): void {
    this.failed(error);
    this.#carrier?.giveUp(this, error);
  }

  #settle(): void {
    this.#settled = true;
    this.#deadlines.end(this);
  }
}
