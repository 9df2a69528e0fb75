const plain = new Intl.NumberFormat('en');

export const count = (value: number) => plain.format(value);

/** `1 connection`, `2,000 connections` */
export const counted = (value: number, noun: string) =>
  `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

/** `12.5`, `340`: a rate needs no more digits than the eye takes in. */
export function rate(value: number): string {
  if (value === 0) return '0';
  if (value < 10) return value.toFixed(1);
  return plain.format(Math.round(value));
}

/** `512 bytes`, `1.5 KB`, `38 MB` */
export function bytes(value: number): string {
  if (value < 1024) return `${value} bytes`;
  const units = ['KB', 'MB', 'GB'];
  let size = value / 1024;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}
