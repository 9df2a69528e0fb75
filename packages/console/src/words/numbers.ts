const plain = new Intl.NumberFormat('en');

export const count = (value: number) => plain.format(value);

/** `1 connection`, `2,000 connections` */
export const counted = (value: number, noun: string) =>
  `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

/** Of a fan-out: `to 2 connections, refused by 1`. Of anything else, nothing. */
export function reached({ delivered, refused, gone }: Reached): string {
  if (delivered === undefined) return '';
  const others = [refused ? `refused by ${count(refused)}` : '', gone ? `${count(gone)} gone` : ''];
  return [`to ${counted(delivered, 'connection')}`, ...others].filter(Boolean).join(', ');
}

interface Reached {
  readonly delivered?: number;
  readonly refused?: number;
  readonly gone?: number;
}

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
