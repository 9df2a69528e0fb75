/**
 * The notification types: how each is called on a button, who receives it by custom, and how one
 * that arrived reads as a sentence.
 */
export const kinds = {
  new_content: {
    label: 'New content',
    audience: 'Relevant users, except the author',
    sentence: (data) => ['published ', quoted(data.title)],
  },
  new_comment: {
    label: 'New comment',
    audience: 'Everyone in the thread',
    sentence: (data) => ['commented on ', quoted(data.thread), `: ${data.text}`],
  },
  status_update: {
    label: 'Status update',
    audience: 'The people it affects',
    sentence: (data) => ['moved ', quoted(data.item), ` to ${data.status}`],
  },
  alert_triggered: {
    label: 'Alert',
    audience: 'The owner of the alert',
    sentence: (data) => [`raised an alert: ${data.text}`],
  },
  unread_counts: {
    label: 'Unread counts',
    audience: 'The badge alone, no toast',
    sentence: (data) => [`${total(data.counts) || 'Nothing'} unread`],
  },
  presence: {
    label: 'Presence',
    sentence: (data) => [`${data.people.map((person) => person.name).join(', ')} here now`],
  },
};

/** The types the page can send; presence is the backend's own. */
export const sendable = Object.keys(kinds).filter((kind) => kind !== 'presence');

/** All unread notifications of a user. */
export function total(counts) {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

const quoted = (text) => `“${text}”`;
