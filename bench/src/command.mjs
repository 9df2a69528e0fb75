/** What the bench's commands have in common: progress to standard error, and Ctrl-C. */

/** @param {string} line */
export function tell(line) {
  process.stderr.write(`${line}\n`);
}

/** Ctrl-C ends the run after the phase under way, with every process stopped. */
export function abortOnSignal() {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => controller.abort(new Error(`stopped by ${signal}`)));
  }
  return controller.signal;
}

/**
 * Runs a command to its end. What it throws is said in a line, and the exit code is then 1.
 *
 * @param {(args: readonly string[]) => Promise<number>} main resolves to the exit code
 */
export async function runCommand(main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    tell(`bench: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
