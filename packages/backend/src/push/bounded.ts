/** Calls `visit` for every item, `concurrency` at a time. The first rejection stops the rest. */
export async function forEachBounded<T>(
  items: Iterable<T>,
  concurrency: number,
  visit: (item: T) => Promise<void>,
): Promise<void> {
  // The workers share one iterator: each takes the next item when it is free.
  const iterator = items[Symbol.iterator]();
  let isStopped = false;
  const worker = async () => {
    while (!isStopped) {
      const next = iterator.next();
      if (next.done) return;
      try {
        await visit(next.value);
      } catch (error) {
        isStopped = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
