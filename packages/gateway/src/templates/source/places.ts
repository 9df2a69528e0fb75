import type { Path } from '../problem.ts';
import type { Place } from './template-error.ts';

interface Mark {
  readonly own: Place;
  readonly keys: ReadonlyMap<string | number, Place>;
}

/**
 * Where values were written, known by the identity of the objects and lists that hold them. A reader that
 * builds new documents out of parts of a file keeps their places by reusing the parts.
 */
export class Places {
  readonly #marks = new WeakMap<object, Mark>();

  /** `keys`: where each entry of the object or list begins. */
  mark(value: object, own: Place, keys: ReadonlyMap<string | number, Place>): void {
    this.#marks.set(value, { own, keys });
  }

  /** Says that `value` was made of `original`, and its entries of the entries of the same name. */
  copy(value: object, original: object): void {
    const mark = this.#marks.get(original);
    if (mark) this.#marks.set(value, mark);
  }

  /** Where an object or list begins. */
  own(value: unknown): Place | undefined {
    return typeof value === 'object' && value !== null ? this.#marks.get(value)?.own : undefined;
  }

  /** Where the value at `path` is written, or else the nearest one above it that is written at all. */
  at(root: unknown, path: Path): Place | undefined {
    let place = this.own(root);
    let value = root;
    for (const key of path) {
      if (typeof value !== 'object' || value === null) break;
      place = this.#marks.get(value)?.keys.get(key) ?? place;
      value = Object.hasOwn(value, key)
        ? (value as Record<string | number, unknown>)[key]
        : undefined;
      place = typeof key === 'number' ? (this.own(value) ?? place) : place;
    }
    return place;
  }
}
