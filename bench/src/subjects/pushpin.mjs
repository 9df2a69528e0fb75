import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClientSocket } from '../load/client-socket.mjs';
import { freePort } from '../processes/free-port.mjs';
import { ServerProcess } from '../processes/server-process.mjs';

/**
 * Pushpin (Debian's pushpin, condure and zurl): a reverse proxy that holds sockets for an HTTP backend, which is
 * the shape of what the gateway does. It verifies no signatures; its own limits are raised.
 */

/** @param {{ folder: string, port: number, publishPort: number, ports: number[] }} places */
const config = ({ folder, port, publishPort, ports }) => `
[global]
include={libdir}/internal.conf
rundir=${folder}/run
ipc_prefix=bench-

[runner]
services=condure,zurl,pushpin-proxy,pushpin-handler
http_port=127.0.0.1:${port}
logdir=${folder}/log
log_level=2
client_buffer_size=8192
client_maxconn=60000
condure_bin=condure
zurl_bin=zurl

[proxy]
routesfile=${folder}/routes
zurl_out_specs=ipc://{rundir}/{ipc_prefix}zurl-in
zurl_out_stream_specs=ipc://{rundir}/{ipc_prefix}zurl-in-stream
zurl_in_specs=ipc://{rundir}/{ipc_prefix}zurl-out

[handler]
push_in_http_addr=127.0.0.1
push_in_http_port=${publishPort}
push_in_spec=tcp://127.0.0.1:${ports[0]}
push_in_sub_specs=tcp://127.0.0.1:${ports[1]}
command_spec=tcp://127.0.0.1:${ports[2]}
message_rate=1000000
message_hwm=1000000
`;

/** All four of its processes, in whichever order; one that is late answers for the others with 502. */
const READY = new RegExp(
  ['zurl', 'handler', 'proxy', 'condure'].map((name) => `(?=[^]*\\[${name}\\] started)`).join(''),
);
/** They find one another a little later still. */
const WELCOME_MILLIS_MAX = 15_000;
const WELCOME_PAUSE_MILLIS = 50;

/** @type {import('./subject.mjs').Subject} */
export const pushpin = {
  label: 'Pushpin',
  folder: null,
  about:
    'a proxy of sockets for HTTP backends, by WebSocket-over-HTTP: no signatures, no policies; its ' +
    'publishing endpoint takes one push per TCP connection, and the connection is a part of that figure',
  version: () => spawnSync('pushpin', ['--version'], { encoding: 'utf8' }).stdout.trim(),
  programs: {
    '/usr/bin/pushpin': 'pushpin',
    '/usr/bin/condure': 'condure',
    '/usr/bin/zurl': 'zurl',
  },
  kinds: ['push', 'message', 'echo', 'connectCall', 'idle', 'start'],
  async start({ backendPort }) {
    const [port, publishPort, ...ports] = await Promise.all(Array.from({ length: 5 }, freePort));
    const { server } = await ServerProcess.start({
      command: 'pushpin',
      async args(folder) {
        const file = join(folder, 'pushpin.conf');
        await Promise.all(['run', 'log'].map((name) => mkdir(join(folder, name))));
        await writeFile(join(folder, 'routes'), `* 127.0.0.1:${backendPort},over_http\n`);
        const places = { folder, port: Number(port), publishPort: Number(publishPort), ports };
        await writeFile(file, config(places));
        return [`--config=${file}`, '-m'];
      },
      ready: READY,
    });
    try {
      await isWelcome(Number(port));
    } catch (error) {
      await server.stop();
      throw error;
    }
    const talk = { ...TALK, pushPort: Number(publishPort) };
    return { server, host: '127.0.0.1', port: Number(port), talk };
  },
};

/**
 * Resolves once a client was let in.
 *
 * @param {number} port
 */
async function isWelcome(port) {
  const deadline = Date.now() + WELCOME_MILLIS_MAX;
  for (;;) {
    const address = { host: '127.0.0.1', port, path: '/socket/0' };
    const client = new ClientSocket(address, { onText() {}, onFault() {} });
    try {
      await client.open();
      client.close();
      return;
    } catch (error) {
      client.close();
      if (Date.now() > deadline) throw error;
      await sleep(WELCOME_PAUSE_MILLIS);
    }
  }
}

/** @type {import('./subject.mjs').Talk} */
const TALK = {
  socketPath: '/socket/{n}',
  pushPath: '/publish/',
  pushPort: null,
  pushBody: 'grip',
  success: 'HTTP/1.1 200 ',
  // No SDK's server does.
  closesAfterPush: true,
  tellsIds: false,
  verifies: false,
};
