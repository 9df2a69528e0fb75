import { connect } from '/client/index.js';
import { fetchSettings, fetchToken } from './backend.js';
import { showUnread } from './badges.js';
import { prepareCompose } from './compose.js';
import { countReconnect, resetConnection, showClose, showConnection } from './connection.js';
import { byId, dressAvatar } from './dom.js';
import { addMessage, clearMessages } from './feed.js';
import { prepareForgery, stopForgery } from './forgery.js';
import { sendable } from './kinds.js';
import { showPeople } from './people.js';
import { clearToasts, showToast } from './toasts.js';

const settings = await fetchSettings();

/** Whoever is signed in on this tab, with their connection. */
let session;

byId('sign-in').addEventListener('submit', async (event) => {
  event.preventDefault();
  const name = byId('name').value.trim();
  try {
    await fetchToken(name);
    signIn(name);
  } catch (error) {
    byId('outcome').textContent = error.message;
    byId('outcome').hidden = false;
  }
});
byId('sign-out').addEventListener('click', signOut);
byId('retry').addEventListener('click', () => session?.client.reconnect());
prepareForgery(settings);
prepareCompose(() => session?.name);

const invited = new URLSearchParams(location.search).get('as');
const known = invited ?? sessionStorage.getItem('name');
if (invited) history.replaceState(null, '', '/');
if (known) signIn(known);
else showWelcome();

function signIn(name) {
  sessionStorage.setItem('name', name);
  stopForgery();
  resetConnection();
  clearMessages();
  showUnread({});
  showPeople([{ name, tabs: 1 }], name);
  byId('my-name').textContent = name;
  dressAvatar(byId('my-avatar'), name);
  for (const id of ['app', 'bar-end']) byId(id).hidden = false;
  byId('welcome').hidden = true;
  session = { name, client: openConnection(name) };
}

function signOut() {
  session.client.close();
  session = undefined;
  sessionStorage.removeItem('name');
  clearToasts();
  showUnread({});
  showWelcome();
}

function showWelcome() {
  for (const id of ['app', 'bar-end', 'outcome']) byId(id).hidden = true;
  byId('welcome').hidden = false;
  byId('name').focus();
}

function openConnection(name) {
  const client = connect({ url: settings.webSocketUrl, token: () => fetchToken(name) });
  let attempt = 0;
  let hasBeenOpen = false;

  showConnection({ state: 'connecting' });
  client.onStateChange((state, { delayMs, code, reason }) => {
    if (code !== undefined) showClose({ code, reason });
    if (state === 'open') {
      if (hasBeenOpen) countReconnect();
      hasBeenOpen = true;
      attempt = 0;
      showConnection({ state, since: Date.now() });
      // Only now does the connection exist for the backend: ask for what it could not push before.
      client.send({ action: 'hello' });
    } else if (state === 'waiting') {
      attempt += 1;
      showConnection({ state, attempt, delayMillis: delayMs, retryAt: Date.now() + delayMs });
    } else {
      showConnection({ state });
    }
  });
  // The states tell the same story in the page; the console need not repeat it.
  client.onError(() => {});
  client.on('*', addMessage);
  client.on('presence', ({ people }) => showPeople(people, name));
  client.on('unread_counts', ({ counts }) => showUnread(counts));
  for (const kind of sendable.filter((kind) => kind !== 'unread_counts')) {
    client.on(kind, showToast);
  }
  return client;
}
