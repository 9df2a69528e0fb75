/** The calls this page makes to the sample backend, over plain HTTP. */

/** A fresh token for this name. It is good for a few minutes, so one is fetched per connection. */
export async function fetchToken(name) {
  const { token } = await post('/login', { name });
  return token;
}

/** Sends a notification; resolves to the names it was delivered to. */
export async function notify(name, notification) {
  const { delivered } = await post('/notifications', notification, await fetchToken(name));
  return delivered;
}

export async function markAllRead(name) {
  await post('/read', {}, await fetchToken(name));
}

/** Asks the backend to close this user's connections, as a lost network would. */
export async function dropConnection(name) {
  await post('/drop', {}, await fetchToken(name));
}

/** Where the WebSocket is. */
export async function fetchSettings() {
  const response = await fetch('/settings');
  return await response.json();
}

async function post(path, body, token) {
  const headers = { 'content-type': 'application/json' };
  if (token) headers.authorization = `Bearer ${token}`;
  const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.message ?? `The backend answered ${response.status}.`);
  return answer;
}
