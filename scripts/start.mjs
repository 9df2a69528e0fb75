import './node-version.mjs';
import { parseArgs } from 'node:util';
import { freePort } from './free-port.mjs';
import { prepare, root } from './prepare.mjs';
import { ProcessGroup } from './process-group.mjs';

const help = `npm start [-- options]

Starts the gateway, the sample backend and its page, and prints the page's address.

  --port PORT           port of the page and sample backend (default 3000, or a free one)
  --gateway-port PORT   port of the gateway (default 4080, or a free one)
  --help                this text

Ctrl-C stops everything.`;

const readyWithinSeconds = 60;

try {
  await start(readOptions());
} catch (error) {
  console.error(`\n${error.message}`);
  process.exit(1);
}

async function start(options) {
  prepare();
  const gatewayPort = await choosePort('gateway-port', options['gateway-port'], 4080);
  const pagePort = await choosePort('port', options.port, 3000, gatewayPort);
  const page = `http://127.0.0.1:${pagePort}`;
  const gateway = `http://127.0.0.1:${gatewayPort}`;

  const processes = new ProcessGroup({ cwd: root });
  processes.stopOnSignals();
  await processes.start({
    name: 'sample',
    args: ['examples/notifications/src/server.js'],
    env: { PORT: pagePort, APIGW_ENDPOINT: `${gateway}/production` },
    readyLine: /^Sample ready on /,
    readyWithinSeconds,
  });
  await processes.start({
    name: 'gateway',
    args: [
      ...['packages/gateway/bin/postern.js', 'dev', '--ephemeral'],
      ...['--port', String(gatewayPort), '--backend', page],
    ],
    readyLine: /^Postern ready on /,
    readyWithinSeconds,
  });

  // The gateway says more right after its ready line; the summary below is for the end.
  await new Promise((resolve) => setTimeout(resolve, 200));
  console.log(`
  Postern is running.

    Page          ${page}   (open it in two tabs)
    Console       ${gateway}/@console   (what happens, live)
    WebSocket     ws://127.0.0.1:${gatewayPort}/production
    endpoint_url  ${gateway}/production

  Ctrl-C stops everything.
`);
}

function readOptions() {
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        port: { type: 'string' },
        'gateway-port': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    throw new Error(`${error.message}\n\n${help}`);
  }
  if (values.help) {
    console.log(help);
    process.exit(0);
  }
  return values;
}

/** The port asked for or an error that says it is taken; without a wish the usual one or any. */
async function choosePort(option, wish, usual, taken) {
  if (wish === undefined) {
    return (usual === taken ? undefined : await freePort(usual)) ?? (await anyPort(taken));
  }
  const port = Number(wish);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new Error(`--${option} takes a number from 0 to 65535, not "${wish}".`);
  }
  if (port !== 0 && port === taken) {
    throw new Error(`Port ${port} is the gateway's already. Choose another with --${option}.`);
  }
  const free = port === 0 ? await anyPort(taken) : await freePort(port);
  if (free === undefined) {
    throw new Error(`Port ${port} is taken by another program. Choose another with --${option}.`);
  }
  return free;
}

/** What is chosen is free again until its program listens: it may be drawn twice. */
async function anyPort(taken) {
  const port = await freePort(0);
  return port === taken ? anyPort(taken) : port;
}
