import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './repository.ts';

/** The first code block of a page in this language that has these words, as its readers copy it. */
export function codeBlock(page: string, language: string, words: string): string {
  const text = readFileSync(join(repository, page), 'utf8');
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'));
  for (const [, code = ''] of blocks) if (code.includes(words)) return code;
  throw new Error(`${page} has no block in ${language} with "${words}"`);
}
