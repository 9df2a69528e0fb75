/** Beyond so many, the remembering begins anew. */
const REMEMBERED_MAX = 1000;

/**
 * What many have in common is kept once: the same string for equal texts, as long as few differ. And
 * none is a piece of a longer one, all of which it would keep.
 */
export class SharedTexts {
  readonly #texts = new Map<string, string>();

  /** `text` has characters of one byte each, as the values of headers have. */
  of(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const own = Buffer.from(text, 'latin1').toString('latin1');
    if (this.#texts.size >= REMEMBERED_MAX) this.#texts.clear();
    this.#texts.set(own, own);
    return own;
  }
}
