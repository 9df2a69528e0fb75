import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * Demo tokens: a name and an expiry, signed with a secret that lives as long as this process.
 * In your own backend this is where your session cookie, JWT or API key is checked.
 */
const secret = randomBytes(32);
const goodForSeconds = 300;

export function signToken(name) {
  const expires = Math.floor(Date.now() / 1000) + goodForSeconds;
  const claims = Buffer.from(JSON.stringify({ name, expires })).toString('base64url');
  return `${claims}.${signature(claims).toString('base64url')}`;
}

/** The name in the token, or undefined when the token is forged, cut short or expired. */
export function verifyToken(token) {
  const [claims, signed] = String(token ?? '').split('.');
  if (!claims || !signed) return undefined;
  const given = Buffer.from(signed, 'base64url');
  const wanted = signature(claims);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
  const { name, expires } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  return expires * 1000 > Date.now() ? name : undefined;
}

function signature(claims) {
  return createHmac('sha256', secret).update(claims).digest();
}
