import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { CertificateSource, ServerCertificate } from './certificate-source.ts';

export interface TlsDoorOptions {
  readonly certificates: CertificateSource;
  /** A handshake that is not finished by then is cut off. */
  readonly handshakeTimeoutSeconds: number;
  /** Gets the connection once its handshake is done. */
  accept(socket: TLSSocket): void;
  /** There was no certificate to show: the client was hung up on. */
  failed(error: unknown): void;
}

/** Those of WebSocket APIs: developer guide, "Create a WebSocket API". */
const VERSIONS = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' } as const;

/** Takes TCP connections through the TLS handshake, with the certificate that is in force. */
export class TlsDoor {
  readonly #options: TlsDoorOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #shown: ServerCertificate | undefined;

  constructor(options: TlsDoorOptions) {
    this.#options = options;
    // Never listens: sockets are handed to it.
    this.#server = createServer({
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: options.handshakeTimeoutSeconds * 1000,
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
      const certificate = await this.#options.certificates.current();
      if (certificate !== this.#shown) {
        const { cert, key } = certificate;
        this.#server.setSecureContext({ cert, key, ...VERSIONS });
        this.#shown = certificate;
      }
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
}
