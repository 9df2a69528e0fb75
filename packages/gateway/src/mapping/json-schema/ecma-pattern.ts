/**
 * Patterns of JSON Schema are those of ECMA 262. What means something else to Java is written in Java's
 * way: `$` is the very end, and within a class `[` and `&&` stand for themselves.
 */
export function javaPattern(text: string): string {
  let result = '';
  let isInClass = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === '\\') {
      result += text.slice(at, at + 2);
      at += 1;
    } else if (!isInClass && character === '[') {
      const empty = ['[]', '[^]'].find((one) => text.startsWith(one, at));
      if (empty === undefined) isInClass = true;
      result += empty === undefined ? '[' : EMPTY[empty];
      at += (empty?.length ?? 1) - 1;
    } else {
      if (isInClass && character === ']') isInClass = false;
      result += isInClass
        ? (IN_CLASS[character] ?? character)
        : character === '$'
          ? '\\z'
          : character;
    }
  }
  return result;
}

/** Nothing, and anything. */
const EMPTY: Readonly<Record<string, string>> = { '[]': '(?!)', '[^]': '[\\s\\S]' };
const IN_CLASS: Readonly<Record<string, string>> = { '[': '\\[', '&': '\\&' };
