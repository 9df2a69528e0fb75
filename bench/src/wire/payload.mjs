/**
 * Every operation carries one JSON text of exactly 100 bytes: a four-letter action, a slot number
 * at a fixed place, and padding. The receiver reads the slot without parsing JSON.
 */

/** @typedef {'push' | 'ping' | 'here'} Action */

export const PAYLOAD_BYTES = 100;

const ACTION_OFFSET = '{"action":"'.length;
const SLOT_OFFSET = '{"action":"ping","slot":"'.length;
const SLOT_DIGITS = 8;
const ZERO = 0x30;

/**
 * @param {Action} action
 * @param {number} slot whole number below 100,000,000
 * @returns {Buffer}
 */
export function encodePayload(action, slot) {
  const digits = String(slot).padStart(SLOT_DIGITS, '0');
  const head = `{"action":"${action}","slot":"${digits}","pad":"`;
  return Buffer.from(`${head.padEnd(PAYLOAD_BYTES - 2, 'x')}"}`, 'latin1');
}

/**
 * The slot number inside a payload that starts at `start`, or -1 when the bytes are not a payload
 * with this action.
 *
 * @param {Buffer} bytes
 * @param {number} start
 * @param {number} end
 * @param {Action} action
 * @returns {number}
 */
export function decodeSlot(bytes, start, end, action) {
  if (end - start !== PAYLOAD_BYTES) return -1;
  for (let index = 0; index < action.length; index += 1) {
    if (bytes[start + ACTION_OFFSET + index] !== action.charCodeAt(index)) return -1;
  }
  let slot = 0;
  for (let index = 0; index < SLOT_DIGITS; index += 1) {
    const digit = bytes[start + SLOT_OFFSET + index] - ZERO;
    if (digit < 0 || digit > 9) return -1;
    slot = slot * 10 + digit;
  }
  return slot;
}
