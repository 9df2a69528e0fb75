import { refreshThread, updateBadges } from '../support/page.ts';

// In the README from here:

import { connect } from '../../src/index.ts';

interface Pushes {
  new_comment: { thread_id: string };
  unread_counts: { counts: Record<string, number> };
}

const client = connect<Pushes>({
  url: 'wss://abc123.execute-api.us-east-1.amazonaws.com/production',
});
client.on('new_comment', ({ thread_id }) => refreshThread(thread_id));
client.on('unread_counts', ({ counts }) => updateBadges(counts));

// To here.

export { client };
