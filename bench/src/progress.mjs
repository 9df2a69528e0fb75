/**
 * How long a run will take, and with every step what is left of it: what was expected of the steps to come,
 * in the time that those before have taken beside what was expected of them.
 */

/** So many seconds as expected are taken as seen, because the first step alone says little. */
const SEEN_SECONDS = 30;

/** @typedef {(line: string, seconds?: number) => void} Tell a line, and how long was expected of what it concludes */

/**
 * @param {number} expectedSeconds of the whole run
 * @param {(line: string) => void} tell
 * @param {() => number} [nowMillis]
 * @returns {Tell}
 */
export function startProgress(expectedSeconds, tell, nowMillis = () => performance.now()) {
  const startedAt = nowMillis();
  let done = 0;
  tell(`this will take ${inWords(expectedSeconds)}`);
  return (line, seconds = 0) => {
    done += seconds;
    if (seconds === 0 || done >= expectedSeconds) return tell(line);
    const taken = (nowMillis() - startedAt) / 1e3;
    const pace = (taken + SEEN_SECONDS) / (done + SEEN_SECONDS);
    tell(`${line} (${inWords((expectedSeconds - done) * pace)} left)`);
  };
}

/** @param {number} seconds */
function inWords(seconds) {
  if (seconds < 90) return `about ${Math.max(1, Math.round(seconds / 5)) * 5} s`;
  return `about ${Math.round(seconds / 60)} minutes`;
}
