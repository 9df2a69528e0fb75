import { createServer } from 'node:http';
import { createBackend, nodeHandler } from '@postern/backend';
import { HttpError, readJson, sendJson } from './json.js';
import { composeNotification } from './notifications.js';
import { People } from './people.js';
import { staticFiles } from './static-files.js';
import { signToken, verifyToken } from './tokens.js';
import { Unread } from './unread.js';

/**
 * A plain HTTP backend and its page. The gateway calls `/ws/connect`, `/ws/message` and
 * `/ws/disconnect`; the page calls the rest.
 */
const port = Number(process.env.PORT ?? 3000);
const endpoint = process.env.APIGW_ENDPOINT ?? 'http://127.0.0.1:4080/production';
const webSocketUrl = process.env.WEBSOCKET_URL ?? endpoint.replace(/^http/, 'ws');
const nameLengthMax = 24;

const unread = new Unread();
const backend = createBackend({
  endpoint,
  authenticate: (token) => verifyToken(token),
  async onMessage({ connectionId, userId, message }) {
    if (message?.action !== 'hello' || userId === undefined) return;
    // A connection can be pushed to once its handshake is over: this is the first such moment.
    await backend.pushToConnection(connectionId, unreadMessage(userId));
    await people.announce();
  },
  onDisconnect: () => people.announce(),
});
const people = new People(backend);

const actions = {
  async '/login'(request) {
    const { name } = await readJson(request);
    const trimmed = typeof name === 'string' ? name.trim() : '';
    if (trimmed === '' || trimmed.length > nameLengthMax) {
      throw new HttpError(400, `A name has 1 to ${nameLengthMax} characters.`);
    }
    return { token: signToken(trimmed) };
  },

  async '/notifications'(request) {
    const from = signedIn(request);
    const { type, text, to } = await readJson(request);
    const recipients = await people.recipients(to, from);
    const message = composeNotification({ type, text, from });
    const delivered = [];
    for (const user of recipients) {
      unread.add(user, type);
      const isReached = type === 'unread_counts' || (await backend.pushToUser(user, message));
      const isCounted = await backend.pushToUser(user, unreadMessage(user));
      if (isReached && isCounted) delivered.push(user);
    }
    return { delivered };
  },

  async '/read'(request) {
    const user = signedIn(request);
    await readJson(request);
    unread.clear(user);
    await backend.pushToUser(user, unreadMessage(user));
    return {};
  },

  async '/drop'(request) {
    const user = signedIn(request);
    await readJson(request);
    for (const { connection_id, user_id } of await backend.connections()) {
      if (user_id === user) await backend.disconnect(connection_id);
    }
    return {};
  },
};

const answerGateway = nodeHandler(backend);
const sendFile = staticFiles({ connectTo: [new URL(webSocketUrl).origin] });

const server = createServer(async (request, response) => {
  const path = request.url.split('?')[0];
  if (path.startsWith('/ws/')) return answerGateway(request, response);
  try {
    if (request.method === 'POST' && Object.hasOwn(actions, path)) {
      return sendJson(response, 200, await actions[path](request));
    }
    if (request.method === 'GET' || request.method === 'HEAD') {
      if (path === '/settings') return sendJson(response, 200, { webSocketUrl });
      if (sendFile(request, response, path)) return;
    }
    sendJson(response, 404, { message: 'There is nothing here.' });
  } catch (error) {
    if (!(error instanceof HttpError)) console.error(error);
    const { status, message } = error instanceof HttpError ? error : unexpected;
    sendJson(response, status, { message });
  }
});

const unexpected = { status: 502, message: 'The gateway could not be reached.' };

function signedIn(request) {
  const user = verifyToken(request.headers.authorization?.replace(/^Bearer /, ''));
  if (user === undefined) throw new HttpError(401, 'Sign in first.');
  return user;
}

function unreadMessage(user) {
  return { type: 'unread_counts', counts: unread.counts(user) };
}

server.listen(port, '127.0.0.1', () => {
  console.log(`Sample ready on http://127.0.0.1:${server.address().port}`);
});
server.on('error', (error) => {
  console.error(`The sample cannot listen on port ${port}: ${error.message}`);
  process.exit(1);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    server.close();
    server.closeAllConnections();
    await backend.close();
    process.exit(0);
  });
}
