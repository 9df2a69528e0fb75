const bodyBytesMax = 16 * 1024;

/** A refusal that the caller may read. */
export class HttpError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The request's JSON object. A web page of another origin cannot send this type unasked. */
export async function readJson(request) {
  if (request.headers['content-type'] !== 'application/json') {
    throw new HttpError(415, 'Send application/json.');
  }
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new HttpError(413, 'That is too long.');
    chunks.push(chunk);
  }
  const value = parse(Buffer.concat(chunks).toString());
  if (value === null || typeof value !== 'object') throw new HttpError(400, 'Send a JSON object.');
  return value;
}

export function sendJson(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(value));
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new HttpError(400, 'That is not JSON.');
  }
}
