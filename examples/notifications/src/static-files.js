import { readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const types = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
};

/**
 * Answers requests for the page's files, and under `/client/` for those of `@postern/client`, which
 * a browser runs as it was built. All are read once, at the start: no path of a request ever
 * reaches the file system. `connectTo` are the WebSocket origins the page may open.
 */
export function staticFiles({ connectTo }) {
  const page = fileURLToPath(new URL('../public', import.meta.url));
  const client = dirname(fileURLToPath(import.meta.resolve('@postern/client')));
  const files = new Map([...filesIn(page, '/'), ...filesIn(client, '/client/')]);
  files.set('/', files.get('/index.html'));
  const headers = securityHeaders(connectTo);

  return (request, response, path) => {
    const file = files.get(path);
    if (!file) return false;
    response.writeHead(200, { ...headers, 'content-type': file.type, 'cache-control': 'no-cache' });
    response.end(request.method === 'HEAD' ? undefined : file.content);
    return true;
  };
}

function filesIn(folder, prefix) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => extname(name) in types)
    .map((name) => {
      const type = `${types[extname(name)]}; charset=utf-8`;
      return [
        prefix + name.replaceAll('\\', '/'),
        { type, content: readFileSync(join(folder, name)) },
      ];
    });
}

function securityHeaders(connectTo) {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${connectTo.join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ];
  return {
    'content-security-policy': policy.join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}
