import type { Unsubscribe } from './client.ts';
import { type GatewayErrorFrame, parseFrame } from './frame.ts';
import { Listeners } from './listeners.ts';

/** Distinct warnings printed before the dispatcher falls silent. */
const WARNINGS_MAX = 100;

/** Hands each received frame to the listeners it is for. */
export class Dispatcher {
  readonly unknown: Listeners<[message: unknown]>;
  readonly gatewayErrors: Listeners<[frame: GatewayErrorFrame]>;
  readonly rawFrames: Listeners<[data: unknown]>;
  readonly #handlers = new Map<string, Listeners<[message: never]>>();
  readonly #onThrow: (error: unknown) => void;
  readonly #warned = new Set<string>();

  constructor(onThrow: (error: unknown) => void) {
    this.#onThrow = onThrow;
    this.unknown = new Listeners(onThrow);
    this.gatewayErrors = new Listeners(onThrow);
    this.rawFrames = new Listeners(onThrow);
  }

  on(type: string, handler: (message: never) => unknown): Unsubscribe {
    let handlers = this.#handlers.get(type);
    if (!handlers) {
      handlers = new Listeners(this.#onThrow);
      this.#handlers.set(type, handlers);
    }
    return handlers.add(handler);
  }

  dispatch(data: unknown): void {
    const frame = parseFrame(data);
    if (frame.kind === 'message') this.#dispatchMessage(frame.message);
    else if (frame.kind === 'untyped') {
      this.#tell(this.unknown, frame.message, 'Received a message without a type');
    } else if (frame.kind === 'raw') {
      this.#tell(this.rawFrames, frame.data, 'Received a frame that is not JSON');
    } else {
      const { message } = frame.frame;
      this.#tell(this.gatewayErrors, frame.frame, `The gateway answered: ${message}`);
    }
  }

  #dispatchMessage(message: { readonly type: string }): void {
    const { type } = message;
    const everyType = this.#handlers.get('*');
    const thisType = type === '*' ? undefined : this.#handlers.get(type);
    everyType?.emit(message as never);
    if (thisType && !thisType.isEmpty) thisType.emit(message as never);
    else if (type !== 'heartbeat') {
      const isHeard = everyType && !everyType.isEmpty;
      this.#tell(this.unknown, message, isHeard ? undefined : `Unknown message type: ${type}`);
    }
  }

  /** Without a listener to tell, warns instead, once, unless there is nothing to warn about. */
  #tell<Value>(listeners: Listeners<[Value]>, value: Value, warning: string | undefined): void {
    if (!listeners.isEmpty) listeners.emit(value);
    else if (warning && this.#warned.size < WARNINGS_MAX && !this.#warned.has(warning)) {
      this.#warned.add(warning);
      console.warn(warning);
    }
  }
}
