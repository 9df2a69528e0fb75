import { byId, dressAvatar, element } from './dom.js';

const suggestions = ['Ada', 'Grace', 'Linus', 'Margaret', 'Alan', 'Barbara', 'Edsger', 'Frances'];

/** Shows who is online: the list, whom one may send to, and an invitation when nobody else is. */
export function showPeople(people, me) {
  const others = people.filter((person) => person.name !== me);
  byId('people').replaceChildren(...people.map((person) => listItem(person, me)));
  showRecipients(others.map((person) => person.name));

  const isAlone = others.length === 0 && people.every((person) => person.tabs < 2);
  byId('alone').hidden = !isAlone;
  const friend = suggestName(people);
  byId('second-tab').href = `/?as=${encodeURIComponent(friend)}`;
  byId('second-name').textContent = friend;
}

/** The names chosen as recipients; none stands for everyone but the author. */
export function chosenRecipients(me) {
  const choice = document.querySelector('#recipients input:checked')?.value;
  if (choice === 'me') return [me];
  return choice === undefined || choice === 'others' ? [] : [choice.slice('name:'.length)];
}

/** A name nobody here has. */
export function suggestName(people) {
  const taken = new Set(people.map((person) => person.name));
  return suggestions.find((name) => !taken.has(name)) ?? `Guest ${people.length + 1}`;
}

function listItem({ name, tabs }, me) {
  const notes = [name === me ? 'you' : '', tabs > 1 ? `${tabs} tabs` : ''].filter(Boolean);
  const avatar = dressAvatar(element('span', { className: 'avatar', ariaHidden: 'true' }), name);
  const who = element('span', { className: 'who' }, element('b', {}, name));
  if (notes.length > 0) who.append(' ', element('small', {}, notes.join(', ')));
  return element('li', {}, avatar, who);
}

function showRecipients(others) {
  const before = document.querySelector('#recipients input:checked')?.value;
  const everyone = others.length > 1 ? `Everyone else (${others.length})` : 'Everyone else';
  const choices = [
    { value: 'others', label: everyone, disabled: others.length === 0 },
    ...others.map((name) => ({ value: `name:${name}`, label: name })),
    { value: 'me', label: 'Me' },
  ];
  const kept = choices.find((choice) => choice.value === before && !choice.disabled);
  // Whoever was alone had only "Me" to choose: the first other person is what they waited for.
  const wasAlone = byId('recipients').dataset.alone === 'true';
  byId('recipients').dataset.alone = String(others.length === 0);
  const first = choices.find((choice) => !choice.disabled);
  const checked = (kept && !(wasAlone && others.length > 0) ? kept : first).value;

  // Rebuilding would take the keyboard's place away from whoever is choosing.
  const focused = document.activeElement?.closest?.('#recipients') ? before : undefined;
  byId('recipients').replaceChildren(...choices.map((choice) => recipient(choice, checked)));
  if (focused) document.querySelector('#recipients input:checked').focus();
}

function recipient({ value, label, disabled = false }, checked) {
  const input = { type: 'radio', name: 'to', value, disabled, checked: value === checked };
  return element(
    'label',
    { className: 'choice' },
    element('input', input),
    element('span', {}, label),
  );
}
