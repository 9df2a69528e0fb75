import { byId, element, tile, timeOfDay } from './dom.js';
import { kinds } from './kinds.js';

const messagesMax = 50;
const minorKinds = new Set(['unread_counts', 'presence']);

let messages = [];
let received = 0;

/** Adds a message that arrived now to the top of the list. */
export function addMessage(data) {
  messages = [{ data, at: new Date() }, ...messages].slice(0, messagesMax);
  received += 1;
  byId('message-count').textContent = String(received);
  if (isShown(data)) {
    byId('entries').prepend(entry(messages[0], 'fresh'));
    trim();
  }
  showWhetherEmpty();
}

export function clearMessages() {
  messages = [];
  received = 0;
  byId('message-count').textContent = '0';
  showAll();
}

function showAll() {
  const shown = messages.filter(({ data }) => isShown(data));
  byId('entries').replaceChildren(...shown.map((message) => entry(message, '')));
  showWhetherEmpty();
}

/** Counts and presence come with nearly everything else: shown only to who asks for them. */
function isShown(data) {
  return byId('every-message').checked || !minorKinds.has(data.type);
}

function entry({ data, at }, state) {
  const kind = kinds[data.type] ?? { label: data.type, sentence: () => [] };
  const minor = minorKinds.has(data.type) ? 'minor' : '';
  const sender = data.from ? [element('b', {}, data.from), ' '] : [];
  return element(
    'li',
    { className: `entry ${minor} ${state}`, dataset: { kind: data.type } },
    tile(data.type),
    element('p', {}, ...sender, ...kind.sentence(data)),
    element('time', { dateTime: at.toISOString() }, timeOfDay.format(at)),
    element(
      'details',
      {},
      element('summary', {}, element('span', { className: 'entry-kind' }, kind.label)),
      element('pre', {}, JSON.stringify(data, null, 2)),
    ),
  );
}

function trim() {
  const entries = byId('entries');
  while (entries.children.length > messagesMax) entries.lastElementChild.remove();
}

function showWhetherEmpty() {
  byId('feed-empty').hidden = byId('entries').children.length > 0;
}

byId('every-message').addEventListener('change', showAll);
