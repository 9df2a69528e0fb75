import { byId, element, icon, tile } from './dom.js';
import { kinds } from './kinds.js';

const shownForMillis = 7000;
const toastsMax = 4;

/** Shows a notification for a few seconds; pointing at it or tabbing into it keeps it there. */
export function showToast(data) {
  const kind = kinds[data.type];
  const close = element(
    'button',
    { type: 'button', ariaLabel: 'Dismiss', title: 'Dismiss' },
    icon('close'),
  );
  const toast = element(
    'div',
    { className: 'toast', dataset: { kind: data.type } },
    tile(data.type),
    element(
      'p',
      {},
      element('span', { className: 'entry-kind' }, kind.label),
      element('b', {}, data.from),
      ' ',
      ...kind.sentence(data),
    ),
    close,
  );
  if (data.type === 'alert_triggered') toast.setAttribute('role', 'alert');

  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => dismiss(toast), shownForMillis);
  };
  const hold = () => clearTimeout(timer);
  close.addEventListener('click', () => dismiss(toast));
  toast.addEventListener('pointerenter', hold);
  toast.addEventListener('pointerleave', wait);
  toast.addEventListener('focusin', hold);
  toast.addEventListener('focusout', wait);

  const shelf = byId('toasts');
  shelf.append(toast);
  while (shelf.children.length > toastsMax) shelf.firstElementChild.remove();
  wait();
}

export function clearToasts() {
  byId('toasts').replaceChildren();
}

function dismiss(toast) {
  toast.classList.add('leaving');
  setTimeout(() => toast.remove(), 200);
}

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  const newest = byId('toasts').lastElementChild;
  if (newest) dismiss(newest);
});
