import { lineTerminator, wordCharacter } from './named-classes.ts';
import type { Anchor } from './nodes.ts';

export const beginsText: Anchor = (_text, at) => at === 0;

export const endsText: Anchor = (text, at) => at === text.length;

/** `$` and `\Z`: at the end, or before the line terminator that ends the text. */
export const endsLastLine: Anchor = (text, at) => {
  if (at >= text.length - 2 && text.endsWith('\r\n')) {
    return at === text.length || at === text.length - 2;
  }
  return at === text.length || (at === text.length - 1 && lineTerminator(text.charCodeAt(at)));
};

/** `^` in multiline mode; Java does not count a beginning after the text's last terminator. */
export const beginsLine: Anchor = (text, at) =>
  at === 0 ||
  (at < text.length &&
    lineTerminator(text.charCodeAt(at - 1)) &&
    !(text[at - 1] === '\r' && text[at] === '\n'));

/** `$` in multiline mode. */
export const endsLine: Anchor = (text, at) =>
  at === text.length ||
  (lineTerminator(text.charCodeAt(at)) && !(text[at] === '\n' && text[at - 1] === '\r'));

export const wordBoundary: Anchor = (text, at) => isWord(text, at - 1) !== isWord(text, at);

export const noWordBoundary: Anchor = (text, at) => !wordBoundary(text, at);

function isWord(text: string, at: number): boolean {
  return at >= 0 && at < text.length && wordCharacter(text.charCodeAt(at));
}
