/** Upper bounds in milliseconds: from what a loopback takes to AWS's limit for an integration. */
export const boundsMillis = [
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000,
] as const;

/** How long things took, by bucket: constant memory, and adding costs some comparisons. */
export class Histogram {
  /** Not cumulative; the last one is for what lies beyond every bound. */
  readonly counts: number[] = Array.from({ length: boundsMillis.length + 1 }, () => 0);
  count = 0;
  sum = 0;
  max = 0;

  add(millis: number): void {
    let at = 0;
    while (at < boundsMillis.length && millis > boundsMillis[at]!) at += 1;
    this.counts[at] = this.counts[at]! + 1;
    this.count += 1;
    this.sum += millis;
    if (millis > this.max) this.max = millis;
  }

  addAll(other: Histogram): void {
    for (const [at, count] of other.counts.entries()) this.counts[at] = this.counts[at]! + count;
    this.count += other.count;
    this.sum += other.sum;
    this.max = Math.max(this.max, other.max);
  }

  /** Milliseconds that a share of all (0 to 1) did not exceed, estimated within its bucket. */
  quantile(share: number): number {
    const wanted = share * this.count;
    let below = 0;
    for (const [at, count] of this.counts.entries()) {
      if (count > 0 && below + count >= wanted) {
        const from = at === 0 ? 0 : boundsMillis[at - 1]!;
        const to = Math.min(boundsMillis[at] ?? this.max, this.max);
        return from + Math.max(0, to - from) * ((wanted - below) / count);
      }
      below += count;
    }
    return this.max;
  }
}
