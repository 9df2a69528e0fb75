import { percentEncode } from './percent-encode.ts';

/**
 * An integration URI: stage variables filled when the stage is compiled, `{name}` places filled per
 * event from path mappings. Split into origin and path once, as the HTTP caller needs them.
 */
export interface UriTemplate {
  /** Such as `http://127.0.0.1:3000`. */
  readonly origin: string;
  /** Path and query; `{name}` places filled and encoded. A place without a value stays empty. */
  path(values?: ReadonlyMap<string, string>): string;
}

export class UriTemplateError extends Error {}

const PLACE = /\{([A-Za-z0-9._$+-]+)\}/g;
const URL_SHAPE = /^https?:\/\/[^/?#]+/;

/** Throws `UriTemplateError` for an unknown stage variable or anything that is no http(s) URL. */
export function compileUri(
  text: string,
  stageVariables: Readonly<Record<string, string>>,
): UriTemplate {
  const filled = fillStageVariables(text, stageVariables);
  if (!URL_SHAPE.test(filled)) {
    throw new UriTemplateError(`"${filled}" is not an http or https URL`);
  }
  const names: string[] = [];
  // The URL parser would encode the braces, so each place passes through it as a plain word.
  const marked = filled.replace(PLACE, (_, name: string) => {
    names.push(name);
    return `postern-place-${names.length - 1}-`;
  });
  const url = parseUrl(marked);
  const [head = '', ...tails] = (url.pathname + url.search).split(/postern-place-\d+-/);
  if (tails.length === 0) return { origin: url.origin, path: () => head };
  return {
    origin: url.origin,
    path: (values) =>
      head + tails.map((tail, index) => encode(values?.get(names[index]!)) + tail).join(''),
  };
}

/** A value fills one segment: its slashes are encoded, and dots alone cannot climb out of it. */
function encode(value = ''): string {
  return /^\.{1,2}$/.test(value) ? value.replaceAll('.', '%2E') : percentEncode(value);
}

export function fillStageVariables(
  text: string,
  stageVariables: Readonly<Record<string, string>>,
): string {
  return text.replace(/\$\{stageVariables\.([A-Za-z0-9_]+)\}/g, (_, name: string) => {
    const value = Object.hasOwn(stageVariables, name) ? stageVariables[name] : undefined;
    if (value === undefined) throw new UriTemplateError(`the stage variable "${name}" is not set`);
    return value;
  });
}

function parseUrl(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new UriTemplateError(`"${text}" is not a URL`);
  }
}
