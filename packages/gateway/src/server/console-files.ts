/**
 * The console's files, read once and held in memory. A request is looked up among them and names no
 * path of the disk, so there is nothing to climb out of.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { HttpReply, StreamReply } from '../wire/http-reply.ts';

export const CONSOLE_PATH = '/@console';

export interface ConsoleRequest {
  readonly method: string;
  /** Raw, without the query. */
  readonly path: string;
  readonly acceptsGzip: boolean;
}

interface File {
  readonly bytes: Buffer;
  readonly zipped: Buffer;
  readonly type: string;
  /** Its name changes when it does. */
  readonly isHashed: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Beside this package's compiled code, where the build puts it. */
const BUILT = fileURLToPath(new URL('../console', import.meta.url));

export function isConsolePath(path: string): boolean {
  return path === CONSOLE_PATH || path.startsWith(`${CONSOLE_PATH}/`);
}

export class ConsoleFiles {
  readonly #folder: string;
  #files: ReadonlyMap<string, File> | undefined;

  constructor(folder = BUILT) {
    this.#folder = folder;
  }

  get isBuilt(): boolean {
    return this.#loaded().size > 0;
  }

  /** `socketOrigins`: where the page may connect to, beside where it came from. */
  answer(request: ConsoleRequest, socketOrigins: readonly string[]): HttpReply | StreamReply {
    const { method, path, acceptsGzip } = request;
    if (!this.isBuilt) {
      return text(404, 'The console is not built here. Run `npm run build` and start again.');
    }
    if (method !== 'GET' && method !== 'HEAD') return text(405, 'GET and HEAD only');
    const name = path.slice(CONSOLE_PATH.length + 1) || 'index.html';
    const file = this.#loaded().get(name);
    if (!file) return text(404, 'There is no such file in the console');
    const body = acceptsGzip ? file.zipped : file.bytes;
    return {
      status: 200,
      headers: {
        ...secure(socketOrigins),
        'content-type': file.type,
        'content-length': String(body.length),
        vary: 'accept-encoding',
        ...(acceptsGzip && { 'content-encoding': 'gzip' }),
        'cache-control': file.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      },
      open(sink) {
        sink.end(method === 'HEAD' ? undefined : body);
        return () => {};
      },
    };
  }

  #loaded(): ReadonlyMap<string, File> {
    this.#files ??= load(this.#folder);
    return this.#files;
  }
}

/** Scripts, styles and pictures from here alone, and nothing written into the page itself. */
function secure(socketOrigins: readonly string[]): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src ${["'self'", ...socketOrigins].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  };
}

function load(folder: string): ReadonlyMap<string, File> {
  if (!existsSync(folder)) return new Map();
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile() && extname(entry.name) in TYPES)
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        const name = relative(folder, path).split(sep).join('/');
        const bytes = readFileSync(path);
        const type = TYPES[extname(entry.name)]!;
        const isHashed = name.startsWith('assets/');
        return [name, { bytes, zipped: gzipSync(bytes, { level: 9 }), type, isHashed }];
      }),
  );
}

function text(status: number, body: string): HttpReply {
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body: `${body}\n`,
  };
}
