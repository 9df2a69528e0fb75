/** How long a machine that has much else to do may take for what it does at once otherwise. */
export const patienceMillis = 60_000;
const pauseMillis = 25;

/**
 * Asks until the answer is neither undefined nor false, and gives it. Throws after a minute, naming
 * what was waited for. An error of the question counts as "not yet".
 */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
): Promise<Exclude<T, undefined | false>> {
  const until = Date.now() + patienceMillis;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) {
        return answer as Exclude<T, undefined | false>;
      }
      last = answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > until) throw new Error(`Waited in vain for ${what}. Last: ${String(last)}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMillis));
  }
}
