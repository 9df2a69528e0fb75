import { randomUUID } from 'node:crypto';
import { HttpError } from './json.js';

/** What each type says when the author gave no words of their own. */
const samples = {
  new_content: ['Field notes from the harbour', 'How we moved to one gateway', 'A quiet Tuesday'],
  new_comment: ['Well put.', 'Could we see this with real numbers?', 'I tried it, and it holds.'],
  status_update: ['in review', 'approved', 'shipped'],
  alert_triggered: ['the build has been red for ten minutes', 'disk space is below 5 %'],
  unread_counts: [''],
};

export const notificationTypes = Object.keys(samples);
const wordsMax = 140;
let made = 0;

/** The push message for a notification of this type, by this author. */
export function composeNotification({ type, text = '', from }) {
  if (!Object.hasOwn(samples, type)) throw new HttpError(400, 'That is no notification type.');
  if (typeof text !== 'string' || text.length > wordsMax) {
    throw new HttpError(400, `Words are at most ${wordsMax} characters.`);
  }
  const words = text.trim() || samples[type][made++ % samples[type].length];
  return { type, id: randomUUID(), from, at: new Date().toISOString(), ...details(type, words) };
}

function details(type, words) {
  switch (type) {
    case 'new_content':
      return { title: words };
    case 'new_comment':
      return { thread_id: 'thread-7', thread: 'Field notes', text: words };
    case 'status_update':
      return { item: 'Request 42', status: words };
    default:
      return { text: words };
  }
}
