/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** An element with properties, and children that are elements or text. Text never becomes markup. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  const { dataset = {}, style = {}, ...rest } = properties;
  Object.assign(made, rest);
  Object.assign(made.dataset, dataset);
  for (const [name, value] of Object.entries(style)) made.style.setProperty(name, value);
  made.append(...children);
  return made;
}

/** An icon of the sprite in index.html. */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  use.setAttribute('href', `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** A type's icon on a tile of its colour. */
export function tile(kind) {
  return element('span', { className: 'tile' }, icon(kind));
}

/** A round picture of a name: its first letter on a colour of its own. */
export function dressAvatar(avatar, name) {
  avatar.textContent = [...name][0].toUpperCase();
  const hue = [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360, 7);
  avatar.style.setProperty('--hue', String(hue));
  return avatar;
}

/** Time of day to the second, as this reader writes it. */
export const timeOfDay = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
