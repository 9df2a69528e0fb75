import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { CLOSE_TIMEOUT_MILLIS, type ClientSocket } from '../connections/client-socket.ts';
import { CompressedSocket } from '../connections/compressed-socket.ts';
import { compressedBytesMax } from '../connections/frame-limit.ts';
import { fragmentsMax } from '../connections/frame-limits.ts';
import { FrameSocket } from '../connections/frame-socket.ts';
import type { StageExtensions } from '../resources/stage-extensions.ts';
import type { HeldSocket } from '../transport/held-socket.ts';
import { httpDate } from '../wire/http-date.ts';
import { deflateOptions, isAcceptableOffer } from './compression.ts';

/** A handshake that was let in. */
export interface Upgrade {
  /** Its checked Sec-WebSocket-Key. */
  readonly key: string;
  readonly socket: HeldSocket;
  readonly head: Buffer;
  /** Goes to the client as the backend chose it. */
  readonly protocol: string | undefined;
  /** The client's Sec-WebSocket-Extensions, as sent. */
  readonly offer: string | undefined;
  readonly extensions: StageExtensions;
  readonly nowMillis: number;
}

/** RFC 6455, section 1.3: what is put behind the client's key. */
const KEY_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const EXTENSIONS = 'Sec-WebSocket-Extensions: ';

/** `closeTimeout` and `maxFragments` are newer than the published types. */
type Options = NonNullable<ConstructorParameters<typeof WebSocketServer>[0]> & {
  closeTimeout: number;
  maxFragments: number;
};

/** Turns a handshake that was let in into a WebSocket, answering with exactly AWS's headers. */
export class Upgrader {
  readonly #server: WebSocketServer;
  #answer: (extensions: string | undefined) => string[] = () => [];

  constructor() {
    const options: Options = {
      noServer: true,
      clientTracking: false,
      // The connection answers pings itself: how many, depends on what the client reads.
      autoPong: false,
      maxFragments: 0,
      closeTimeout: CLOSE_TIMEOUT_MILLIS,
    };
    this.#server = new WebSocketServer(options);
    this.#server.on('headers', (lines) => {
      const extensions = lines.find((line) => line.startsWith(EXTENSIONS));
      lines.splice(1, lines.length, ...this.#answer(extensions?.slice(EXTENSIONS.length)));
    });
  }

  /** The open WebSocket, or `undefined` when the client has left in the meantime. */
  upgrade(upgrade: Upgrade): ClientSocket | undefined {
    const { socket, head, offer, extensions } = upgrade;
    const isCompressed =
      extensions.permessageDeflate && offer !== undefined && isAcceptableOffer(offer);
    if (isCompressed) return this.#upgradeCompressed(upgrade);
    if (!socket.isOpen) {
      socket.destroy();
      return undefined;
    }
    const lines = ['HTTP/1.1 101 Switching Protocols', ...answerLines(upgrade, undefined)];
    return new FrameSocket(socket, `${lines.join('\r\n')}\r\n\r\n`, head);
  }

  #upgradeCompressed(upgrade: Upgrade): ClientSocket | undefined {
    const { key, head, offer, extensions } = upgrade;
    const stream = upgrade.socket.release();
    // The handshake is checked already, and what else the client asked for (sub-protocols, other
    // extensions) is not the library's to decide: it sees only what it needs for the 101.
    const request = {
      method: 'GET',
      headers: {
        upgrade: 'websocket',
        'sec-websocket-key': key,
        'sec-websocket-version': '13',
        'sec-websocket-extensions': offer,
      },
    } as unknown as IncomingMessage;
    this.#answer = (chosen) => answerLines(upgrade, chosen);
    this.#applyLimits(extensions);
    let opened: WebSocket | undefined;
    this.#server.handleUpgrade(request, stream, head, (webSocket) => {
      opened = webSocket;
    });
    return opened && new CompressedSocket(opened, stream as Socket);
  }

  /** The library reads its options at each upgrade, and does all of it before it returns. */
  #applyLimits(extensions: StageExtensions): void {
    const options = this.#server.options as Options;
    options.perMessageDeflate = deflateOptions;
    options.maxPayload = compressedBytesMax(extensions.messageBytesMax);
    options.maxFragments = fragmentsMax(extensions);
  }
}

/** The lines of the 101 below its first. */
function answerLines({ key, protocol, nowMillis }: Upgrade, extensions: string | undefined) {
  const accept = hash('sha1', key + KEY_SUFFIX, 'base64');
  return [
    `date: ${httpDate(nowMillis)}`,
    'connection: upgrade',
    'upgrade: websocket',
    `sec-websocket-accept: ${accept}`,
    ...(protocol === undefined ? [] : [`sec-websocket-protocol: ${protocol}`]),
    ...(extensions === undefined ? [] : [`sec-websocket-extensions: ${extensions}`]),
  ];
}
