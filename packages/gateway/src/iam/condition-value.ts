/** Numbers and dates as condition values write them. */

export function readNumber(text: string): number | undefined {
  return /^[+-]?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/**
 * Epoch milliseconds. Dates are W3C's profile of ISO 8601, from a year alone to fractions of a
 * second; a time of day needs its zone. More than four digits alone are seconds since 1970.
 */
export function readDate(text: string): number | undefined {
  if (/^-?\d{5,}(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!W3C_DATE.test(text)) return undefined;
  const millis = Date.parse(text);
  return Number.isNaN(millis) ? undefined : millis;
}

const W3C_DATE =
  /^\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?)?)?$/;
