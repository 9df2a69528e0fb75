/** A backend that says yes to everything, and a client whose connection it can name. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { connect } from 'node:net';

export async function startBackend() {
  /** @type {(id: string) => void} */
  let connected = () => {};
  const server = createServer((request, response) => {
    if (request.url === '/ws/connect') connected(String(request.headers.connectionid));
    request.resume();
    request.on('end', () => response.end());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  /** @type {import('node:net').Socket[]} */
  const sockets = [];
  return {
    url: `http://127.0.0.1:${port}`,
    /** Opens a WebSocket that reads and forgets; resolves with its connection id. @param {number} gateway */
    open(gateway) {
      const socket = connect(gateway, '127.0.0.1');
      sockets.push(socket);
      socket.write(
        `GET /production HTTP/1.1\r\nHost: 127.0.0.1:${gateway}\r\nConnection: Upgrade\r\n` +
          `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
          `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
      );
      return new Promise((resolve) => {
        let id = '';
        connected = (one) => {
          id = one;
        };
        socket.once('data', () => {
          socket.resume();
          resolve(id);
        });
      });
    },
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}
