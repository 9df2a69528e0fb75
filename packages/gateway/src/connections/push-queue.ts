/** How many pushes may wait for a connection that is still being decided on. */
const PUSHES_MAX = 100;

/** Pushes to a connection before there is one, bounded in number and bytes. */
export class PushQueue {
  readonly apiId: string;
  readonly #bytesMax: number;
  readonly #messages: Buffer[] = [];
  #bytes = 0;

  /** `bytesMax`: what all of them together may have. */
  constructor(apiId: string, bytesMax: number) {
    this.apiId = apiId;
    this.#bytesMax = bytesMax;
  }

  /** `full` when this one would be one too many; it is then not kept. */
  add(bytes: Buffer): 'kept' | 'full' {
    if (this.#messages.length >= PUSHES_MAX) return 'full';
    if (this.#bytes > 0 && this.#bytes + bytes.length > this.#bytesMax) return 'full';
    this.#messages.push(bytes);
    this.#bytes += bytes.length;
    return 'kept';
  }

  get messages(): readonly Buffer[] {
    return this.#messages;
  }
}
