// In the README from here:

import { WebSocket } from 'ws';
import { connect } from '../../src/index.ts';

const client = connect({
  url: process.env.PUSH_URL ?? 'ws://127.0.0.1:4080/production',
  token: process.env.PUSH_TOKEN ?? 'secret',
  WebSocket,
});
client.on('*', (message) => console.log(message));
process.once('SIGINT', () => client.close());

// To here.

export { client };
