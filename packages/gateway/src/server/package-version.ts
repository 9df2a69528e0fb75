import { readFileSync } from 'node:fs';

/** Of the package `postern`: the same file from `src` and from `dist`. */
export function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
