/**
 * Signature Version 4 with the browser's own cryptography, so that a secret never leaves the page. Path
 * and query are signed as they go out; the path is encoded once more, as AWS's services want it.
 */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly region: string;
}

export interface Signable {
  readonly method: string;
  readonly url: URL;
  readonly body: string;
}

const SERVICE = 'apigateway';
const encoder = new TextEncoder();

/** Browsers offer cryptography only to pages that came over https or from this machine. */
export const canSign = () => globalThis.crypto?.subtle !== undefined;

export async function signatureHeaders(
  request: Signable,
  key: AccessKey,
  now = new Date(),
): Promise<Record<string, string>> {
  const { accessKeyId, secretAccessKey, sessionToken, region } = key;
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = time.slice(0, 8);
  const scope = `${day}/${region}/${SERVICE}/aws4_request`;
  const headers: [string, string][] = [
    ['host', request.url.host],
    ['x-amz-date', time],
    ...(sessionToken ? ([['x-amz-security-token', sessionToken]] as [string, string][]) : []),
  ];
  const names = headers.map(([name]) => name).join(';');
  const canonical = [
    request.method,
    request.url.pathname.split('/').map(encodePart).join('/'),
    canonicalQuery(request.url.search),
    ...headers.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    await digest(request.body),
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', time, scope, await digest(canonical)].join('\n');
  let secret: BufferSource = encoder.encode(`AWS4${secretAccessKey}`);
  for (const part of [day, region, SERVICE, 'aws4_request']) secret = await hmac(secret, part);
  const signature = hex(await hmac(secret, toSign));
  return {
    Authorization:
      `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, ` +
      `SignedHeaders=${names}, Signature=${signature}`,
    'X-Amz-Date': time,
    ...(sessionToken && { 'X-Amz-Security-Token': sessionToken }),
  };
}

/** Sorted by what goes over the wire, where a plus is a plus. */
function canonicalQuery(search: string): string {
  return search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', value = ''] = pair.split('=', 2);
      return `${recoded(name)}=${recoded(value)}`;
    })
    .sort()
    .join('&');
}

const recoded = (text: string) => encodePart(decodeURIComponent(text));

function encodePart(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

async function digest(text: string): Promise<string> {
  return hex(await crypto.subtle.digest('SHA-256', encoder.encode(text)));
}

async function hmac(secret: BufferSource, text: string): Promise<ArrayBuffer> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign']);
  return crypto.subtle.sign('HMAC', key, encoder.encode(text));
}

function hex(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
