import type { SignedRequest } from '../../../src/iam/sigv4.ts';

/** Small changes to a signed request. Each throws when it finds nothing to change. */

export type Replacement = string | ((found: string) => string);

export function changePath(request: SignedRequest, from: string, to: string): SignedRequest {
  return { ...request, path: replace(request.path, from, to) };
}

export function changeQuery(
  request: SignedRequest,
  from: string | RegExp,
  to: Replacement,
): SignedRequest {
  return { ...request, query: replace(request.query, from, to) };
}

export function headerOf(request: SignedRequest, name: string): string {
  return request.rawHeaders[positionOf(request, name) + 1]!;
}

export function setHeader(request: SignedRequest, name: string, value: string): SignedRequest {
  return { ...request, rawHeaders: request.rawHeaders.with(positionOf(request, name) + 1, value) };
}

export function renameHeader(request: SignedRequest, name: string, to: string): SignedRequest {
  return { ...request, rawHeaders: request.rawHeaders.with(positionOf(request, name), to) };
}

export function addHeader(request: SignedRequest, name: string, value: string): SignedRequest {
  return { ...request, rawHeaders: [...request.rawHeaders, name, value] };
}

export function removeHeader(request: SignedRequest, name: string): SignedRequest {
  return { ...request, rawHeaders: request.rawHeaders.toSpliced(positionOf(request, name), 2) };
}

export function changeHeader(
  request: SignedRequest,
  name: string,
  from: string | RegExp,
  to: Replacement,
): SignedRequest {
  return setHeader(request, name, replace(headerOf(request, name), from, to));
}

function positionOf(request: SignedRequest, name: string): number {
  const position = request.rawHeaders.findIndex(
    (text, index) => index % 2 === 0 && text.toLowerCase() === name,
  );
  if (position < 0) throw new Error(`no header ${name} to change`);
  return position;
}

function replace(text: string, from: string | RegExp, to: Replacement): string {
  const changed = typeof to === 'string' ? text.replace(from, to) : text.replace(from, to);
  if (changed === text) throw new Error(`nothing to change in ${text}`);
  return changed;
}

/** The text with another digit at its end. */
export function changeLast(text: string): string {
  return text.slice(0, -1) + (text.endsWith('0') ? '1' : '0');
}
