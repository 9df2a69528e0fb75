const DISTANCE_MAX = 3;

/** The word of `known` that `word` is a slip of; `undefined` when none is near. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const near = Math.min(DISTANCE_MAX, Math.ceil(word.length / 3));
  const scored = known
    .map((name) => ({ name, distance: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= near)
    .sort((a, b) => a.distance - b.distance);
  return scored[0]?.name;
}

/** ` (did you mean "routes"?)`, or nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const name = suggest(word, known);
  return name === undefined ? '' : ` (did you mean "${name}"?)`;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let twoBack: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const isSame = a[row - 1] === b[column - 1];
      let best = Math.min(
        last[column]! + 1,
        current[column - 1]! + 1,
        last[column - 1]! + (isSame ? 0 : 1),
      );
      const isSwap = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwap && row > 1) best = Math.min(best, twoBack[column - 2]! + 1);
      current.push(best);
    }
    twoBack = last;
    last = current;
  }
  return last[b.length]!;
}
