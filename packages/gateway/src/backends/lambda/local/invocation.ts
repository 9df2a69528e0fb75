import type { LambdaAnswer } from '../lambda-call.ts';
import type { LambdaError } from '../lambda-error.ts';

/** What the runtime is handed: the event, and what its context object is made of. */
export interface Delivery {
  readonly requestId: string;
  readonly payload: Uint8Array;
  readonly functionArn: string;
  readonly traceId: string;
}

/** One call of a local function, until its answer. Whatever comes after that is ignored. */
export class Invocation {
  readonly delivery: Delivery;
  /** Rejects with `LambdaError`. */
  readonly answer: Promise<LambdaAnswer>;
  readonly #resolve: (answer: LambdaAnswer) => void;
  readonly #reject: (error: LambdaError) => void;

  constructor(delivery: Delivery) {
    this.delivery = delivery;
    const { promise, resolve, reject } = settable<LambdaAnswer>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get requestId(): string {
    return this.delivery.requestId;
  }

  /** The function returned. */
  succeed(payload: Buffer): void {
    this.#resolve({ payload, requestId: this.requestId, status: 200 });
  }

  /** The function threw, ran out of time or died. */
  fail(payload: Buffer): void {
    this.#resolve({
      payload,
      functionError: 'Unhandled',
      requestId: this.requestId,
      status: 200,
    });
  }

  /** The function was not called, or nobody waits for it any more. */
  reject(error: LambdaError): void {
    this.#reject(error);
  }
}

/** `Promise.withResolvers` for the oldest Node.js supported. */
function settable<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<T>((fulfill, refuse) => {
    resolve = fulfill;
    reject = refuse;
  });
  return { promise, resolve, reject };
}
