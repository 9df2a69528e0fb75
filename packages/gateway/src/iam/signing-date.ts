/** The instant a request was signed at: `YYYYMMDDTHHMMSSZ`, ISO 8601's basic format. */

const BASIC = /^\d{8}T\d{6}Z$/;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

let lastText = '';
let lastMillis: number | undefined;

/** Epoch milliseconds, or undefined when the text is no such date. */
export function parseSigningDate(text: string): number | undefined {
  // All requests of one second say the same, and each is asked about twice.
  if (text !== lastText) {
    lastMillis = parse(text);
    lastText = text;
  }
  return lastMillis;
}

function parse(text: string): number | undefined {
  if (!BASIC.test(text)) return undefined;
  const number = (from: number, to: number) => Number(text.slice(from, to));
  const day = number(6, 8);
  const hour = number(9, 11);
  const minute = number(11, 13);
  const second = number(13, 15);
  const midnight = new Date(Date.UTC(number(0, 4), number(4, 6) - 1, day));
  // Date.UTC lets days overflow into the next month; then the day is not the one we asked for.
  if (midnight.getUTCDate() !== day || number(4, 6) < 1 || number(4, 6) > 12) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return midnight.getTime() + ((hour * 60 + minute) * 60 + second) * 1000;
}

/** Epoch milliseconds as a signing date; fractions of a second are dropped. */
export function formatSigningDate(millis: number): string {
  return `${new Date(millis).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

/** A signer may send `Date` in HTTP's form instead of `X-Amz-Date`; anything else is kept. */
export function fromHttpDate(text: string): string {
  const millis = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(millis) ? text : formatSigningDate(millis);
}
