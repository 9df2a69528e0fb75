/**
 * WebSocket-over-HTTP, as Pushpin speaks it with its backend: events of a socket in the body of a POST,
 * and events for it in the body of the answer (pushpin.org, "WebSocket-over-HTTP").
 */

const EVENTS = 'application/websocket-events';
const IS_EVENTS = /\r\ncontent-type: *application\/websocket-events/i;
const SOCKET = /^POST \/socket\/(\d+) /;
/** A name and, where something follows, its length. */
const EVENT = /^([A-Z]+)(?: ([0-9a-fA-F]+))?\r\n/;

/** @param {string} head */
export function isEvents(head) {
  return IS_EVENTS.test(head);
}

/**
 * Whether a socket has just come, and nothing else.
 *
 * @param {Buffer} bytes
 * @param {number} start of the events
 */
export function isOpening(bytes, start) {
  return bytes.toString('latin1', start, start + 6) === 'OPEN\r\n';
}

/**
 * The texts among the events: each one's beginning and end.
 *
 * @param {Buffer} bytes
 * @param {number} start
 * @param {number} end
 */
export function textsIn(bytes, start, end) {
  const texts = [];
  let at = start;
  while (at < end) {
    const found = EVENT.exec(bytes.toString('latin1', at, Math.min(end, at + 40)));
    if (found === null) throw new Error('no WebSocket event where one should begin');
    const [line, name, size] = found;
    at += line.length;
    if (size === undefined) continue;
    const length = Number.parseInt(size, 16);
    if (name === 'TEXT') texts.push({ start: at, end: at + length });
    at += length + 2;
  }
  return texts;
}

/**
 * The answer to a socket's first event: it is accepted, and subscribed to the channel of its number.
 *
 * @param {string} head
 */
export function acceptance(head) {
  const number = SOCKET.exec(head)?.[1] ?? '';
  const subscribe = `c:${JSON.stringify({ type: 'subscribe', channel: number })}`;
  return answer(`OPEN\r\nTEXT ${subscribe.length.toString(16)}\r\n${subscribe}\r\n`);
}

/**
 * The same texts for the client: what is not marked as a message would be taken for a command.
 *
 * @param {Buffer} bytes
 * @param {readonly { start: number, end: number }[]} texts
 */
export function messages(bytes, texts) {
  const events = texts.map(({ start, end }) => {
    const text = `m:${bytes.toString('latin1', start, end)}`;
    return `TEXT ${text.length.toString(16)}\r\n${text}\r\n`;
  });
  return events.join('');
}

/** @param {string} events */
export function answer(events) {
  return Buffer.from(
    `HTTP/1.1 200 OK\r\nContent-Type: ${EVENTS}\r\nSec-WebSocket-Extensions: grip\r\n` +
      `Content-Length: ${events.length}\r\n\r\n${events}`,
    'latin1',
  );
}
