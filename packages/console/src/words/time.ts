const two = (value: number) => String(value).padStart(2, '0');

/** `12:04:31.207`, in the reader's own time. */
export function clockTime(epochMillis: number): string {
  const date = new Date(epochMillis);
  const parts = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${parts}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** `2026-11-28 12:04:31` */
export function dateTime(iso: string): string {
  const date = new Date(iso);
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${clockTime(date.getTime()).slice(0, 8)}`;
}

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
];

/** `3 min`, `2 h 5 min`: two units at most. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const at = UNITS.findIndex(([unit]) => whole >= unit);
  if (at < 0) return `${whole} s`;
  const [unit, name] = UNITS[at]!;
  const [nextUnit, nextName] = UNITS[at + 1] ?? [1, 's'];
  const rest = Math.floor((whole % unit) / nextUnit);
  return `${Math.floor(whole / unit)} ${name}${rest > 0 ? ` ${rest} ${nextName}` : ''}`;
}

export const since = (iso: string, now = Date.now()) => duration((now - Date.parse(iso)) / 1000);

/** `0.04 ms`, `1.4 ms`, `12 ms`, `1.25 s` */
export function millis(value: number): string {
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  if (value >= 10) return `${Math.round(value)} ms`;
  return value >= 1 || value === 0 ? `${+value.toFixed(1)} ms` : `${value.toFixed(2)} ms`;
}
