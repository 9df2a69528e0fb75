import { createServer } from 'node:net';

/** The port itself when nothing listens on it at 127.0.0.1, else undefined; 0 finds a free one. */
export function freePort(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(undefined));
    probe.listen({ port, host: '127.0.0.1' }, () => {
      const found = probe.address().port;
      probe.close(() => resolve(found));
    });
  });
}
