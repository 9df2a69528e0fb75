import { byId } from './dom.js';
import { total } from './kinds.js';

const plainTitle = document.title;

/** Shows the unread notifications on the bell and in the tab's title. */
export function showUnread(counts) {
  const unread = total(counts);
  const badge = byId('badge');
  const isMore = unread > Number(badge.textContent);
  badge.hidden = unread === 0;
  badge.textContent = String(unread);
  byId('bell').ariaLabel =
    unread === 0 ? 'No unread notifications' : `${unread} unread: mark all as read`;
  byId('bell').title = byId('bell').ariaLabel;
  document.title = unread === 0 ? plainTitle : `(${unread}) ${plainTitle}`;
  if (isMore) bump(badge);
}

function bump(badge) {
  badge.classList.remove('bump');
  // Reading a size makes the browser notice the removal, so that the animation starts anew.
  badge.getBoundingClientRect();
  badge.classList.add('bump');
}
