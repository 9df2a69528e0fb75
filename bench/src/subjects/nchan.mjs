import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../processes/free-port.mjs';
import { ServerProcess } from '../processes/server-process.mjs';

/**
 * nginx with nchan (Debian's nginx-light and libnginx-mod-nchan): a POST to a channel becomes a frame at
 * whoever subscribed to it. It knows no signatures, no policies and no backend.
 */

/** @param {{ port: number, folder: string, sockets: number, workers: number }} places */
const config = ({ port, folder, sockets, workers }) => `
load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
user root;
daemon off;
worker_processes ${workers};
pid ${folder}/nginx.pid;
error_log stderr notice;
events { worker_connections ${Math.ceil(sockets / workers) + 10_000}; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  keepalive_requests 1000000000;
  keepalive_timeout 75s;
  server {
    listen 127.0.0.1:${port};
    location ~ ^/socket/(\\d+)$ {
      nchan_subscriber websocket;
      nchan_channel_id $1;
    }
    location ~ ^/push/(\\d+)$ {
      nchan_publisher http;
      nchan_channel_id $1;
      nchan_message_buffer_length 0;
    }
  }
}
`;

/** @type {import('./subject.mjs').Subject} */
export const nchan = {
  label: 'nginx + nchan',
  folder: null,
  about: 'a publish-subscribe module in C: no signatures, no policies, no backend',
  version: () => spawnSync('/usr/sbin/nginx', ['-v'], { encoding: 'utf8' }).stderr.trim(),
  programs: {
    '/usr/sbin/nginx': 'nginx-light',
    '/usr/lib/nginx/modules/ngx_nchan_module.so': 'libnginx-mod-nchan',
  },
  kinds: ['push', 'connect', 'fanOut', 'idle', 'idleWorkers', 'start'],
  async start({ scenario: { sockets = 0, workers = 1 } }) {
    const port = await freePort();
    const { server } = await ServerProcess.start({
      command: '/usr/sbin/nginx',
      async args(folder) {
        const file = join(folder, 'nginx.conf');
        await writeFile(file, config({ port, folder, sockets, workers }));
        return ['-p', folder, '-c', file];
      },
      ready: /start worker process \d+/,
    });
    return { server, host: '127.0.0.1', port, talk: TALK };
  },
};

/** @type {import('./subject.mjs').Talk} */
const TALK = {
  socketPath: '/socket/{n}',
  pushPath: '/push/{id}',
  toMany: { socketPath: '/socket/0', path: '/push/0' },
  pushPort: null,
  pushBody: 'raw',
  success: 'HTTP/1.1 20',
  tellsIds: false,
  sendsBinary: true,
  verifies: false,
};
