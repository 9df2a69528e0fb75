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

  add(millis: number): void {
    let at = 0;
    while (at < boundsMillis.length && millis > boundsMillis[at]!) at += 1;
    this.counts[at] = this.counts[at]! + 1;
    this.count += 1;
    this.sum += millis;
  }

  addAll(other: Histogram): void {
    for (const [at, count] of other.counts.entries()) this.counts[at] = this.counts[at]! + count;
    this.count += other.count;
    this.sum += other.sum;
  }
}
