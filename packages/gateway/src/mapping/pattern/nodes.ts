/** Whether a code point belongs to a class. */
export type CharacterSet = (codePoint: number) => boolean;

/** A position that consumes nothing: `^`, `$`, `\b` … */
export type Anchor = (text: string, at: number) => boolean;

export type Node =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'sequence'; readonly nodes: readonly Node[] }
  | { readonly kind: 'alternatives'; readonly nodes: readonly Node[] }
  | { readonly kind: 'capture'; readonly group: number; readonly node: Node }
  | { readonly kind: 'repeat'; readonly node: Node; readonly bounds: Bounds; readonly mode: Mode }
  | { readonly kind: 'anchor'; readonly anchor: Anchor }
  | {
      readonly kind: 'look';
      readonly node: Node;
      readonly behind: boolean;
      readonly negative: boolean;
    }
  | { readonly kind: 'atomic'; readonly node: Node }
  | { readonly kind: 'backreference'; readonly group: number; readonly ignoreCase: boolean };

export interface Bounds {
  readonly least: number;
  /** Infinity when open. */
  readonly most: number;
}

export type Mode = 'greedy' | 'lazy' | 'possessive';

/** A parsed pattern. Group 0 is the whole match. */
export interface Syntax {
  readonly node: Node;
  readonly groups: number;
  readonly groupNames: ReadonlyMap<string, number>;
}
