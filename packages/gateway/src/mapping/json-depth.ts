/**
 * How deep a message may be nested to be JSON: one that is all brackets takes a hundred times as long to
 * parse as another of its length. Jackson, the usual reader of JSON in Java, stops at the same depth.
 */
export const jsonDepthMax = 1000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** A short text is not looked at: it has no room for so many brackets. */
export function isNestedTooDeep(text: string): boolean {
  if (text.length <= 2 * jsonDepthMax) return false;
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (isInString) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) isInString = false;
    } else if (code === QUOTE) {
      isInString = true;
    } else if (isOpening(code)) {
      depth += 1;
      if (depth > jsonDepthMax) return true;
    } else if (isClosing(code)) {
      depth -= 1;
    }
  }
  return false;
}

/** `[` and `{` */
const isOpening = (code: number) => code === 0x5b || code === 0x7b;
/** `]` and `}` */
const isClosing = (code: number) => code === 0x5d || code === 0x7d;
