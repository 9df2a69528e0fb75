import { byId, element } from './dom.js';

const titles = {
  connecting: 'Connecting',
  open: 'Connected',
  waiting: 'Reconnecting',
  stopped: 'Gave up',
  closed: 'Disconnected',
};

const notes = {
  open: ({ since }) => `for ${duration(Date.now() - since)}`,
  stopped: () => 'it never connected: is the gateway running?',
};

const closeMeanings = new Map([
  [1000, 'closed normally'],
  [1001, 'going away'],
  [1005, 'no status'],
  [1006, 'lost without goodbye'],
]);

let shown = { state: 'connecting' };
let reconnects = 0;
let tick;

/**
 * Shows the state of the connection: `connecting`, `open` (with `since`), `waiting` for the next
 * attempt (with `retryAt`, `delayMillis` and `attempt`), `stopped` or `closed`. Times are epoch milliseconds.
 */
export function showConnection(next) {
  shown = next;
  byId('chip').dataset.state = next.state;
  byId('connection').dataset.state = next.state;
  byId('state-title').textContent = titles[next.state];
  // Said once per change: the seconds beside it are for the eyes only.
  byId('chip-text').textContent = titles[next.state];
  byId('retry').hidden = next.state !== 'waiting' && next.state !== 'stopped';
  byId('drop').disabled = next.state !== 'open';
  showTime();
  clearInterval(tick);
  tick = setInterval(showTime, 250);
}

export function countReconnect() {
  reconnects += 1;
  byId('reconnects').textContent = String(reconnects);
}

export function showClose({ code, reason }) {
  const meaning = reason || (closeMeanings.get(code) ?? '');
  byId('last-close').replaceChildren(`${code}`, element('small', {}, meaning));
}

/** Back to the first moment, for the next person who signs in. */
export function resetConnection() {
  reconnects = 0;
  byId('reconnects').textContent = '0';
  byId('last-close').textContent = 'none';
  clearInterval(tick);
}

function showTime() {
  const ring = byId('ring');
  if (shown.state !== 'waiting') {
    ring.style.removeProperty('stroke-dashoffset');
    byId('state-note').textContent = notes[shown.state]?.(shown) ?? '';
    return;
  }
  const left = Math.max(0, shown.retryAt - Date.now());
  const seconds = Math.ceil(left / 1000);
  byId('state-note').textContent = `in ${seconds} s, attempt ${shown.attempt}`;
  ring.style.setProperty('stroke-dashoffset', String((100 * left) / shown.delayMillis));
}

function duration(millis) {
  const seconds = Math.floor(millis / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
