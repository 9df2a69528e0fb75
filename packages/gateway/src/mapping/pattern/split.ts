import type { Steps } from './matcher.ts';
import { keptPattern } from './pattern.ts';

/**
 * `String.split` of Java. A positive limit bounds the number of parts, zero drops the empty parts
 * at the end, a negative one keeps them.
 */
export function split(text: string, pattern: string, limit = 0, steps?: Steps): string[] {
  const parts: string[] = [];
  let copied = 0;
  for (const match of keptPattern(pattern).findAll(text, steps)) {
    if (limit > 0 && parts.length === limit - 1) {
      break;
    }
    // An empty match at the very beginning makes no empty first part.
    if (match.end === 0) {
      continue;
    }
    parts.push(text.slice(copied, match.start));
    copied = match.end;
  }
  if (parts.length === 0) {
    return [text];
  }
  parts.push(text.slice(copied));
  if (limit === 0) {
    while (parts.at(-1) === '') {
      parts.pop();
    }
  }
  return parts;
}
