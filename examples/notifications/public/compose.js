import { dropConnection, markAllRead, notify } from './backend.js';
import { byId, element, tile } from './dom.js';
import { kinds, sendable } from './kinds.js';
import { chosenRecipients } from './people.js';

/** Makes the buttons work. `me` gives the name of whoever is signed in. */
export function prepareCompose(me) {
  byId('triggers').append(...sendable.map((kind) => trigger(kind, () => send(kind, me()))));
  // Enter in the words field sends the first type; a form must never load a page here.
  byId('compose').addEventListener('submit', (event) => {
    event.preventDefault();
    send(sendable[0], me());
  });
  byId('bell').addEventListener('click', () => attempt(() => markAllRead(me())));
  byId('drop').addEventListener('click', () => attempt(() => dropConnection(me())));
}

function trigger(kind, onClick) {
  const { label, audience } = kinds[kind];
  const button = element(
    'button',
    { type: 'button', className: 'trigger', dataset: { kind } },
    tile(kind),
    element('span', {}, label, element('small', {}, audience)),
  );
  button.addEventListener('click', onClick);
  return button;
}

function send(kind, me) {
  return attempt(async () => {
    const text = byId('text').value.trim();
    const delivered = await notify(me, { type: kind, text, to: chosenRecipients(me) });
    byId('text').value = '';
    const label = kinds[kind].label;
    say(
      delivered.length > 0
        ? `${label} delivered to ${new Intl.ListFormat().format(delivered)}.`
        : `${label}: nobody was connected to receive it.`,
    );
  });
}

async function attempt(action) {
  try {
    await action();
  } catch (error) {
    say(error.message, 'failed');
  }
}

function say(sentence, outcome = '') {
  byId('sent').textContent = sentence;
  byId('sent').className = `sent ${outcome}`;
}
