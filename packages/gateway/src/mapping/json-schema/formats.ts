import { isIPv4, isIPv6 } from 'node:net';
import { compilePattern } from '../pattern/pattern.ts';
import { javaPattern } from './ecma-pattern.ts';

const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const EMAIL = /^[^\s@]+@[^\s@]+$/;
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const URI = /^(?:[A-Za-z][A-Za-z0-9+.-]*:|\/\/)[^\s<>"{}|\\^`]*$/;

/** The formats of draft 4. Any other says nothing of a text. */
export const formats: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['date-time', isDateTime],
  ['email', (text) => EMAIL.test(text)],
  ['hostname', isHostname],
  ['ipv4', isIPv4],
  ['ipv6', (text) => isIPv6(text) && !text.includes('%')],
  ['regex', isPattern],
  ['uri', (text) => URI.test(text)],
]);

function isDateTime(text: string): boolean {
  const [, year, month, day] = DATE_TIME.exec(text) ?? [];
  if (day === undefined) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}

function isHostname(text: string): boolean {
  return text.length <= 253 && text.split('.').every((label) => LABEL.test(label));
}

function isPattern(text: string): boolean {
  try {
    compilePattern(javaPattern(text));
    return true;
  } catch {
    return false;
  }
}
