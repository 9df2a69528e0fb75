/** Whether to colour what is written to `stream`: a terminal, and nobody set `NO_COLOR`. */
export function usesColor(
  stream: { readonly isTTY?: boolean | undefined },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
}

const CODES = { dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

export type Paint = (color: keyof typeof CODES, text: string) => string;

/** Wraps text in the codes of a colour, or leaves it as it is. */
export function paint(isColored: boolean): Paint {
  if (!isColored) return (_, text) => text;
  return (color, text) => `\u001b[${CODES[color]}m${text}\u001b[0m`;
}
