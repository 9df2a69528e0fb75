import { connect, createServer } from 'node:net';

/**
 * A TCP port in front of another one. Closed, whoever comes through it is cut off, and told so by the kernel;
 * stalled, nothing comes through any more and nobody is told, as where packets vanish.
 */
export class ClosablePort {
  #port;
  #target;
  /** @type {import('node:net').Server | undefined} */
  #server;
  /** @type {Map<import('node:net').Socket, import('node:net').Socket>} each leads to the other */
  #pairs = new Map();
  #isStalled = false;

  /**
   * @param {number} port
   * @param {number} target
   */
  constructor(port, target) {
    this.#port = port;
    this.#target = target;
  }

  async open() {
    const server = createServer((near) => {
      const far = connect(this.#target, '127.0.0.1');
      this.#join(near, far);
      this.#join(far, near);
    });
    this.#server = server;
    await new Promise((resolve) =>
      server.listen(this.#port, '127.0.0.1', () => resolve(undefined)),
    );
  }

  async close() {
    const server = this.#server;
    this.#server = undefined;
    const closed = new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    for (const socket of this.#pairs.keys()) socket.destroy();
    await closed;
  }

  stall() {
    this.#isStalled = true;
    for (const [from, to] of this.#pairs) from.unpipe(to).pause();
  }

  /** What was held back arrives now. */
  resume() {
    this.#isStalled = false;
    for (const [from, to] of this.#pairs) from.pipe(to);
  }

  /**
   * @param {import('node:net').Socket} from
   * @param {import('node:net').Socket} to
   */
  #join(from, to) {
    this.#pairs.set(from, to);
    from.setNoDelay(true);
    if (!this.#isStalled) from.pipe(to);
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#pairs.delete(from);
      to.destroy();
    });
  }
}
