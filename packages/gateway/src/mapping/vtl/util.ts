import { percentEncode } from '../percent-encode.ts';
import { type Budget, spendOnText } from './budget.ts';
import { HostObject } from './host-object.ts';
import { throwJava } from './method-table.ts';
import { parseJson } from './parse-json.ts';
import { textOf } from './text.ts';

/** `$util` (developer guide, "WebSocket API mapping template reference"). */
export const utilObject = new HostObject(
  '$util',
  {},
  {
    escapeJavaScript: (values, budget) =>
      values.length === 1 ? escapeValue(values[0], budget) : undefined,
    parseJson: ofText((text) => {
      const value = parseJson(text);
      return value === undefined ? throwJava('parseJson: the text is not JSON') : value;
    }),
    urlEncode: ofText(urlEncode),
    urlDecode: ofText(urlDecode),
    base64Encode: ofText((text) => Buffer.from(text, 'utf8').toString('base64')),
    base64Decode: ofText((text) => Buffer.from(text, 'base64').toString('utf8')),
  },
);

/** A method of one string, paying for what it reads and makes. */
function ofText(convert: (text: string) => unknown) {
  return ([text]: readonly unknown[], budget: Budget): unknown => {
    if (typeof text !== 'string') {
      return undefined;
    }
    spendOnText(budget, text.length);
    const result = convert(text);
    spendOnText(budget, typeof result === 'string' ? result.length : 0);
    return result;
  };
}

function escapeValue(value: unknown, budget: Budget): string {
  const text = textOf(value, budget);
  const escaped = text.trim() === '' ? '{}' : escapeJavaScript(text);
  spendOnText(budget, escaped.length);
  return escaped;
}

const named: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\"',
  "'": "\\'",
  '\\': '\\\\',
  '/': '\\/',
};

/**
 * As `StringEscapeUtils.escapeJavaScript` of Apache Commons Lang: quotes of both kinds, the
 * backslash and the slash, control characters, and everything that is not ASCII.
 */
function escapeJavaScript(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it escapes
    /[\u0000-\u001f"'\\/\u0080-\uffff]/g,
    (character) =>
      named[character] ??
      `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  );
}

/** `application/x-www-form-urlencoded`, as `java.net.URLEncoder` writes it. */
function urlEncode(text: string): string {
  return percentEncode(text)
    .replace(/[!'()~]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

function urlDecode(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return /%(?![0-9a-fA-F]{2})/.test(spaced)
      ? throwJava('urlDecode: a percent sign without two hexadecimal digits')
      : decodeBytes(spaced);
  }
}

/** Bytes that are no UTF-8 become the replacement character, as in Java. */
function decodeBytes(text: string): string {
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'),
  );
}
