/** The table of operations and fields in docs/compatibility.md, from docs/operations.md. */

/**
 * One row for each collection of each API: the operations on it, and the fields of its resource.
 * @param {string} page docs/operations.md
 */
export function operationsTable(page) {
  const sections = page.split(/^## /m).slice(1);
  return `## Operations and fields

What the control plane answers, and the fields it reads and shows; [operations](operations.md) has the type, the
bounds and the default of each. Operations on HTTP APIs are answered with 400.

| API | collection | operations | fields |
|---|---|---|---|
${sections.flatMap(rowsOf).join('\n')}
`;
}

/** @param {string} section one API, beginning with its name */
function rowsOf(section) {
  const [api = ''] = section.split('\n', 1);
  const [head = '', ...resources] = section.split(/^### /m);
  const fields = new Map(resources.map((text) => [text.split('\n', 1)[0] ?? '', fieldsOf(text)]));
  /** @type {Map<string, { names: string[], fields: string }>} */
  const rows = new Map();
  for (const [, name = '', path = ''] of head.matchAll(/^\| (\w+) \| `\w+ ([^`?]+)/gm)) {
    const collection = path.replace(/\/\{[^}]+\}$/, '');
    const row = rows.get(collection) ?? { names: [], fields: '' };
    const noun = /^(?:Create|Generate|Update)(\w+)$/.exec(name)?.[1] ?? '';
    const known = fields.get(noun);
    rows.set(collection, {
      names: [...row.names, name],
      fields:
        row.fields || (known ? `[${noun}](operations.md#${noun.toLowerCase()}): ${known}` : ''),
    });
  }
  return Array.from(
    rows,
    ([collection, row]) =>
      `| ${api} | \`${collection}\` | ${row.names.join(', ')} | ${row.fields} |`,
  );
}

/** @param {string} text the section of one resource */
function fieldsOf(text) {
  const read = Array.from(text.matchAll(/^\| (`\w+`) \|/gm), ([, name]) => name);
  const [, shown = ''] = /^Answers show beside them: (.+)\.$/m.exec(text) ?? [];
  return [...read, ...(shown === '' ? [] : [shown])].join(', ');
}
