/**
 * A run as Markdown, for people.
 *
 * @param {{ name: string, title: string }} scenario
 * @param {import('./stage.mjs').Report} report
 */
export function reportText({ name, title }, { size, seconds, story, verdict, errors }) {
  const { sockets, pushesPerSecond, messagesPerSecond } = size;
  const { lost, ...tables } = verdict;
  const rows = Object.entries(tables).flatMap(([table, counts]) =>
    Object.entries(counts).map(([what, count]) => `| ${table} | ${what} | ${count} |`),
  );
  const faults = lost.length === 0 ? 'Nothing that was promised is missing.' : lost.join('\n- ');
  return `## ${name}: ${title}

${sockets} clients, ${pushesPerSecond} pushes and ${messagesPerSecond} messages a second, ${seconds} s.

\`\`\`
${story.join('\n')}
\`\`\`

| | | |
|---|---|---|
${rows.join('\n')}

${lost.length === 0 ? faults : `**Missing:**\n\n- ${faults}`}
${errors.length === 0 ? '' : `\nErrors in the log: ${errors.length}, such as \`${errors[0]?.slice(0, 300)}\`\n`}`;
}
