/**
 * The bytes of a message: text and bytes as they are, anything else as JSON.
 * @throws TypeError for what JSON cannot hold, such as undefined or a function.
 */
export function encodePayload(payload: unknown): Uint8Array {
  if (payload instanceof Uint8Array) return payload;
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  if (text === undefined)
    throw new TypeError(`a payload of type ${typeof payload} has no JSON form`);
  return Buffer.from(text, 'utf8');
}
