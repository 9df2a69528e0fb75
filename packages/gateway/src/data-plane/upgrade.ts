import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { compressedBytesMax } from '../connections/frame-limit.ts';
import type { StageExtensions } from '../resources/stage-extensions.ts';
import { deflateOptions, isAcceptableOffer } from './compression.ts';

/** A handshake that was let in. */
export interface Upgrade {
  /** Its checked Sec-WebSocket-Key. */
  readonly key: string;
  readonly socket: Duplex;
  readonly head: Buffer;
  /** Goes to the client as the backend chose it. */
  readonly protocol: string | undefined;
  /** The client's Sec-WebSocket-Extensions, as sent. */
  readonly offer: string | undefined;
  readonly extensions: StageExtensions;
  readonly nowMillis: number;
}

/** A client that does not answer the close frame is dropped after this. */
const CLOSE_TIMEOUT_MILLIS = 5_000;
/** 128 KB in fragments of 128 bytes: no honest client sends smaller ones. */
const FRAGMENTS_MAX = 1024;
const ACCEPT = 'Sec-WebSocket-Accept: ';
const EXTENSIONS = 'Sec-WebSocket-Extensions: ';

/** `closeTimeout` and `maxFragments` are newer than the published types. */
type Options = NonNullable<ConstructorParameters<typeof WebSocketServer>[0]> & {
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
      // The connection answers pings itself: how many, depends on what the client reads.
      autoPong: false,
      maxFragments: FRAGMENTS_MAX,
      closeTimeout: CLOSE_TIMEOUT_MILLIS,
    };
    this.#server = new WebSocketServer(options);
    this.#server.on('headers', (lines) => {
      const accept = headerValue(lines, ACCEPT) ?? '';
      const extensions = headerValue(lines, EXTENSIONS);
      lines.splice(
        1,
        lines.length,
        `date: ${new Date(this.#now).toUTCString()}`,
        'connection: upgrade',
        'upgrade: websocket',
        `sec-websocket-accept: ${accept}`,
        ...(this.#protocol === undefined ? [] : [`sec-websocket-protocol: ${this.#protocol}`]),
        ...(extensions === undefined ? [] : [`sec-websocket-extensions: ${extensions}`]),
      );
    });
  }

  /** The open WebSocket, or `undefined` when the client has left in the meantime. */
  upgrade({ key, socket, head, protocol, offer, extensions, nowMillis }: Upgrade) {
    const isCompressed =
      extensions.permessageDeflate && offer !== undefined && isAcceptableOffer(offer);
    // The handshake is checked already, and what else the client asked for (sub-protocols, other
    // extensions) is not the library's to decide: it sees only what it needs for the 101.
    const request = {
      method: 'GET',
      headers: {
        upgrade: 'websocket',
        'sec-websocket-key': key,
        'sec-websocket-version': '13',
        ...(isCompressed && { 'sec-websocket-extensions': offer }),
      },
    } as unknown as IncomingMessage;
    this.#protocol = protocol;
    this.#now = nowMillis;
    this.#applyLimits(extensions, isCompressed);
    let opened: WebSocket | undefined;
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      opened = webSocket;
    });
    return opened;
  }

  /** The library reads its options at each upgrade, and does all of it before it returns. */
  #applyLimits(extensions: StageExtensions, isCompressed: boolean): void {
    const { messageBytesMax, frameBytesMax } = extensions;
    const options = this.#server.options as Options;
    options.perMessageDeflate = isCompressed ? deflateOptions : false;
    options.maxPayload = isCompressed ? compressedBytesMax(messageBytesMax) : messageBytesMax;
    options.maxFragments = Math.max(FRAGMENTS_MAX, Math.ceil(messageBytesMax / frameBytesMax));
  }
}

function headerValue(lines: readonly string[], name: string): string | undefined {
  return lines.find((line) => line.startsWith(name))?.slice(name.length);
}
