/** The headers of one request, read once: names in lower case, beside their values. */
export interface HeaderList {
  readonly names: readonly string[];
  readonly values: readonly string[];
  /** No name repeats, and each value is what `headerValue` would make of it. */
  readonly isTidy?: boolean;
}

/** `rawHeaders` as Node.js gives them: name, value, name, value. */
export function listHeaders(rawHeaders: readonly string[]): HeaderList {
  const names: string[] = [];
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    names.push(rawHeaders[index]!.toLowerCase());
    values.push(rawHeaders[index + 1]!);
  }
  return { names, values };
}

/**
 * The value as it is signed: outer spaces gone, inner ones collapsed, repeated headers joined with
 * a comma in the order they came. Undefined when the header was not sent.
 */
export function headerValue(headers: HeaderList, name: string): string | undefined {
  if (headers.isTidy) {
    const at = headers.names.indexOf(name);
    return at < 0 ? undefined : headers.values[at];
  }
  let joined: string | undefined;
  for (let index = headers.names.indexOf(name); index >= 0; ) {
    const value = collapse(headers.values[index]!);
    joined = joined === undefined ? value : `${joined},${value}`;
    index = headers.names.indexOf(name, index + 1);
  }
  return joined;
}

/** How many times the header was sent. */
export function headerCount(headers: HeaderList, name: string): number {
  let count = 0;
  for (const candidate of headers.names) if (candidate === name) count += 1;
  return count;
}

/** Only space and tab: other bytes that look like a space may be part of a character. */
function collapse(value: string): string {
  const isTidy =
    !value.includes('  ') &&
    !value.includes('\t') &&
    !value.startsWith(' ') &&
    !value.endsWith(' ');
  return isTidy ? value : value.replaceAll(/[ \t]+/g, ' ').replaceAll(/^ | $/g, '');
}
