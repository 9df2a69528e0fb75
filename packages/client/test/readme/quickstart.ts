import {
  getAuthToken,
  logout,
  refreshFeed,
  refreshThread,
  updateBadges,
  updateStatusDisplay,
} from '../support/page.ts';

// In the README from here:

import { connect } from '../../src/index.ts';

const client = connect({
  url: 'wss://abc123.execute-api.us-east-1.amazonaws.com/production',
  token: getAuthToken, // a string, or a function asked again on every attempt
});
client.on('new_content', () => refreshFeed());
client.on('new_comment', (message) => refreshThread(message.thread_id));
client.on('status_update', (message) => updateStatusDisplay(message));
client.on('unread_counts', (message) => updateBadges(message.counts));
client.onAuthFailure(() => logout());

// To here.

export { client };
