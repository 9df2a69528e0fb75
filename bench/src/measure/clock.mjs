/**
 * Microseconds of the machine's monotonic clock: the same number in every process of one machine,
 * so a sender's and a receiver's times can be subtracted.
 *
 * @returns {number}
 */
export function nowMicros() {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1e6 + nanos / 1e3;
}
