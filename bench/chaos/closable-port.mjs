import { connect, createServer } from 'node:net';

/** A TCP port in front of another one, to be closed: whoever comes through it is then cut off. */
export class ClosablePort {
  #port;
  #target;
  /** @type {import('node:net').Server | undefined} */
  #server;
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set();

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
      for (const [one, other] of /** @type {const} */ ([
        [near, far],
        [far, near],
      ])) {
        this.#sockets.add(one);
        one.setNoDelay(true);
        one.pipe(other);
        one.on('error', () => other.destroy());
        one.on('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
      }
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
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
