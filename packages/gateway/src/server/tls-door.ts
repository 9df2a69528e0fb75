import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { CertificateSource, ServerIdentity } from './certificate-source.ts';
import { type NamedContexts, namedContexts } from './named-contexts.ts';

/** Every TLS handshake begins with this byte (RFC 8446, section 5.1); no HTTP method does. */
export const TLS_HANDSHAKE = 0x16;

export interface TlsDoorOptions {
  readonly certificates: CertificateSource;
  /** Without a certificate of the authorities in force, a client is turned away. */
  readonly asksForClientCertificate: boolean;
  /** A handshake that is not finished by then is cut off. */
  readonly handshakeTimeoutSeconds: number;
  /** Gets the connection once its handshake is done. */
  accept(socket: TLSSocket): void;
  /** There was no certificate to show: the client was hung up on. */
  failed(error: unknown): void;
}

/** Those of WebSocket APIs: developer guide, "Create a WebSocket API". */
const VERSIONS = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' } as const;

/** Takes TCP connections through the TLS handshake, with the certificates that are in force. */
export class TlsDoor {
  readonly #options: TlsDoorOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #shown: ServerIdentity | undefined;
  #byName: NamedContexts = { find: () => undefined };

  constructor(options: TlsDoorOptions) {
    this.#options = options;
    // Never listens: sockets are handed to it.
    this.#server = createServer({
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: options.handshakeTimeoutSeconds * 1000,
      requestCert: options.asksForClientCertificate,
      SNICallback: (name, done) => done(null, this.#byName.find(name)),
    });
    this.#server.on('secureConnection', options.accept);
    // Clients that do not trust the certificate, hang up or speak something else are no news.
    this.#server.on('tlsClientError', (_, socket) => socket.destroy());
  }

  async admit(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    try {
      const identity = await this.#options.certificates.current();
      if (identity !== this.#shown) this.#show(identity);
    } catch (error) {
      socket.destroy();
      this.#options.failed(error);
      return;
    }
    if (!socket.destroyed) this.#server.emit('connection', socket);
  }

  /** Cuts off every TLS connection. */
  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #show(identity: ServerIdentity): void {
    const { cert, key, clientCa } = identity;
    const common = { ...VERSIONS, ...(clientCa !== undefined && { ca: clientCa }) };
    this.#byName = namedContexts(identity, common);
    this.#server.setSecureContext({ cert, key, ...common });
    this.#shown = identity;
  }
}
