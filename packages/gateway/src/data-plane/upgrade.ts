import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { limits } from '../wire/limits.ts';

/** A client that does not answer the close frame is dropped after this. */
const CLOSE_TIMEOUT_MILLIS = 5_000;
/** 128 KB in fragments of 128 bytes: no honest client sends smaller ones. */
const FRAGMENTS_MAX = 1024;
const ACCEPT = 'Sec-WebSocket-Accept: ';

/** `closeTimeout` and `maxFragments` are newer than the published types. */
type Options = ConstructorParameters<typeof WebSocketServer>[0] & {
  closeTimeout: number;
  maxFragments: number;
};

/** Turns a handshake that was let in into a WebSocket, answering with exactly AWS's headers. */
export class Upgrader {
  readonly #server: WebSocketServer;
  #protocol: string | undefined;
  #now = 0;

  constructor() {
    const options: Options = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: limits.messageBytesMax,
      maxFragments: FRAGMENTS_MAX,
      closeTimeout: CLOSE_TIMEOUT_MILLIS,
    };
    this.#server = new WebSocketServer(options);
    this.#server.on('headers', (lines) => {
      const accept = lines.find((line) => line.startsWith(ACCEPT)) ?? '';
      lines.splice(
        1,
        lines.length,
        `date: ${new Date(this.#now).toUTCString()}`,
        'connection: upgrade',
        'upgrade: websocket',
        `sec-websocket-accept: ${accept.slice(ACCEPT.length)}`,
        ...(this.#protocol === undefined ? [] : [`sec-websocket-protocol: ${this.#protocol}`]),
      );
    });
  }

  /**
   * The open WebSocket, or `undefined` when the client has left in the meantime. `key` is its checked
   * Sec-WebSocket-Key; `protocol` goes to the client as the backend chose it.
   */
  upgrade(
    key: string,
    socket: Duplex,
    head: Buffer,
    protocol: string | undefined,
    nowMillis: number,
  ): WebSocket | undefined {
    // The handshake is checked already, and what else the client asked for (sub-protocols,
    // compression) is not the library's to decide: it sees only what it needs for the 101.
    const request = {
      method: 'GET',
      headers: { upgrade: 'websocket', 'sec-websocket-key': key, 'sec-websocket-version': '13' },
    } as unknown as IncomingMessage;
    this.#protocol = protocol;
    this.#now = nowMillis;
    let opened: WebSocket | undefined;
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      opened = webSocket;
    });
    return opened;
  }
}
