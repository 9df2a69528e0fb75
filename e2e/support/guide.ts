import { readFileSync } from 'node:fs';

/**
 * The setup guide as its readers hold it. Tests take commands, policy and JavaScript out of its
 * text, so that what is tested is what is written there.
 */
const text = readFileSync(new URL('../fixtures/integration-guide.md', import.meta.url), 'utf8');

/** The code blocks of a section such as `1.2`, in one language, in order. */
export function codeBlocks(section: string, language: 'bash' | 'json' | 'javascript'): string[] {
  const heading = new RegExp(`^#{2,3} ${section.replace('.', '\\.')}\\.? `, 'm');
  const start = text.search(heading);
  if (start === -1) throw new Error(`The guide has no section ${section}`);
  const rest = text.slice(start);
  const depth = rest.startsWith('###') ? /^#{2,3} /m : /^## /m;
  const end = rest.slice(4).search(depth);
  const body = end === -1 ? rest : rest.slice(0, end + 4);
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm');
  return Array.from(body.matchAll(fence), (match) => match[1]!);
}

/** Replaces `<API_ID>` and its like. One that is left over is a mistake. */
export function fillPlaceholders(source: string, values: Readonly<Record<string, string>>): string {
  return source.replace(/<([A-Z_]+)>/g, (placeholder, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`No value for ${placeholder}`);
    return value;
  });
}

/** The commands of a section's shell blocks, each as written, over several lines if it is. */
export function shellCommands(section: string): string[] {
  return codeBlocks(section, 'bash')
    .join('\n')
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n')
    .split(/(?<!\\)\n/)
    .filter((command) => command !== '');
}
