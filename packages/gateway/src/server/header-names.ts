const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const REMEMBERED_MAX = 1000;

/** Senders spell the same few names again and again: each spelling is looked at once. */
export class HeaderNames {
  readonly #unusual: ReadonlySet<string>;
  /** Names as they are spelled to names in lower case; `undefined` for those that are not read. */
  readonly #known = new Map<string, string | undefined>();

  /** `unusual`: what a reader leaves to others, in lower case. */
  constructor(unusual: readonly string[]) {
    this.#unusual = new Set(unusual);
  }

  /** `undefined` for what is no name, and for an unusual one. */
  lower(spelled: string): string | undefined {
    const known = this.#known.get(spelled);
    if (known !== undefined || this.#known.has(spelled)) return known;
    const lower = spelled.toLowerCase();
    const name = NAME.test(spelled) && !this.#unusual.has(lower) ? lower : undefined;
    if (this.#known.size < REMEMBERED_MAX) this.#known.set(spelled, name);
    return name;
  }
}
