import { badRequest } from '../resources/problems.ts';
import { isObject } from '../resources/read-fields.ts';
import type { Dictionary } from '../resources/record.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The JSON object a request carries. No body at all is an empty one, as some clients send it. */
export function readBody(body: Uint8Array): Dictionary<unknown> {
  if (body.byteLength === 0) return {};
  const value = parse(body);
  if (!isObject(value)) throw badRequest('Invalid request body. Must be a JSON object');
  return value;
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    return undefined;
  }
}
