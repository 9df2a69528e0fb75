const originMicros = findOrigin();

/**
 * Microseconds of the machine's monotonic clock: the same number in every process of one machine,
 * so a sender's and a receiver's times can be subtracted. Of `process.hrtime`, which makes an array
 * each time, only the difference to this process's own clock is taken.
 *
 * @returns {number}
 */
export function nowMicros() {
  return originMicros + performance.now() * 1e3;
}

/** The closest of a few readings of both clocks: the first ones wait for code to be loaded. */
function findOrigin() {
  let origin = 0;
  let closest = Number.POSITIVE_INFINITY;
  for (let reading = 0; reading < 20; reading += 1) {
    const before = performance.now() * 1e3;
    const [seconds, nanos] = process.hrtime();
    const after = performance.now() * 1e3;
    if (after - before >= closest) continue;
    closest = after - before;
    origin = seconds * 1e6 + nanos / 1e3 - (before + after) / 2;
  }
  return origin;
}
