import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../ambient/clock.ts';
import { makeFolder } from '../ambient/make-folder.ts';
import {
  caBundleFileIn,
  caFileIn,
  type KeptCertificate,
  readCertificate,
  writeCertificate,
} from './certificate-folder.ts';
import type { CertificateSource } from './certificate-source.ts';
import { makeCertificate } from './tls-certificate.ts';

export interface LocalCertificateOptions {
  /** Keeps it in `tls/` below; without one, in a temporary folder until `stop`. */
  readonly folder?: string;
  /** Where the gateway listens, beside the names every machine has for itself. */
  readonly host: string;
  readonly clock: Pick<Clock, 'now'>;
}

const OWN_NAMES = ['localhost', '*.execute-api.localhost', '127.0.0.1', '::1'];
const DAY_MILLIS = 86_400_000;
/** Apple's systems accept no server certificate that is valid for more than 825 days. */
const VALID_DAYS = 820;
const RENEWED_DAYS_BEFORE = 30;

/**
 * The certificate of `postern dev`: made when it is first needed, kept for the next start, made anew a
 * month before it ends. Its authority is made with it, so trust follows the file `ca.pem`.
 */
export class LocalCertificate implements CertificateSource {
  readonly #options: LocalCertificateOptions;
  readonly #hosts: readonly string[];
  #kept: Promise<KeptCertificate> | undefined;
  /** Epoch milliseconds. */
  #renewAt = Number.POSITIVE_INFINITY;
  #temporaryFolder: string | undefined;

  constructor(options: LocalCertificateOptions) {
    this.#options = options;
    const host = options.host.replace(/^\[(.*)\]$/, '$1');
    this.#hosts = [...new Set([...OWN_NAMES, host])];
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {
    await this.#kept?.catch(() => {});
    this.#kept = undefined;
    const folder = this.#temporaryFolder;
    this.#temporaryFolder = undefined;
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }

  /** Rejects when it cannot be kept, such as on a full disk; the next call tries again. */
  current(): Promise<KeptCertificate> {
    if (!this.#kept || this.#options.clock.now() >= this.#renewAt) this.#kept = this.#open();
    return this.#kept;
  }

  /** Path of the certificate that a client has to trust; the file is there after `current`. */
  get caFile(): string {
    return caFileIn(this.#parentFolder());
  }

  /** Path of `ca.pem` and the usual authorities together, for clients that trust one file alone. */
  get caBundleFile(): string {
    return caBundleFileIn(this.#parentFolder());
  }

  async #open(): Promise<KeptCertificate> {
    // Whoever asks while it is being made waits for this one.
    this.#renewAt = Number.POSITIVE_INFINITY;
    try {
      const kept = await this.#readOrMake();
      this.#renewAt = kept.validTo - RENEWED_DAYS_BEFORE * DAY_MILLIS;
      return kept;
    } catch (error) {
      this.#kept = undefined;
      throw error;
    }
  }

  async #readOrMake(): Promise<KeptCertificate> {
    const parent = this.#parentFolder();
    makeFolder(parent);
    const now = this.#options.clock.now();
    const read = () => readCertificate(parent, this.#hosts, now + RENEWED_DAYS_BEFORE * DAY_MILLIS);
    const found = await read();
    if (found) return found;
    const made = await makeCertificate({
      hosts: this.#hosts,
      // A client whose clock is behind must not find it not yet valid.
      notBefore: new Date(now - DAY_MILLIS),
      notAfter: new Date(now + (VALID_DAYS - 1) * DAY_MILLIS),
    });
    await writeCertificate(made, parent, async () => (await read()) !== undefined);
    const kept = await read();
    if (!kept) throw new Error(`The certificate in ${parent} changed while it was written`);
    return kept;
  }

  #parentFolder(): string {
    const { folder } = this.#options;
    if (folder !== undefined) return folder;
    this.#temporaryFolder ??= mkdtempSync(join(tmpdir(), 'postern-'));
    return this.#temporaryFolder;
  }
}
