import { retryButton, showStatus } from '../support/page.ts';
import { client } from './quickstart.ts';

// In the README from here:

client.onStateChange((state, { delayMs = 0 }) => {
  if (state === 'waiting') showStatus(`Connecting again in ${Math.ceil(delayMs / 1000)} s`);
  else showStatus(state === 'open' ? 'Live' : state);
});
retryButton.addEventListener('click', () => client.reconnect());

// To here.
