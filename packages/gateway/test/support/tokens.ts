import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A key pair of an issuer, and its public half as a JSON Web Key. */
export interface IssuerKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicPem: string;
  readonly jwk: object;
}

/** Keys and tokens are made with Node.js alone: the library that verifies them is not asked. */
export function issuerKey(kid: string, kind: 'rsa' | 'ec' = 'rsa'): IssuerKey {
  const { publicKey, privateKey } =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const alg = kind === 'rsa' ? 'RS256' : 'ES256';
  return {
    kid,
    privateKey,
    publicPem: String(publicKey.export({ type: 'spki', format: 'pem' })),
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' },
  };
}

export const base64url = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** A token of these claims, signed with the key. */
export function tokenOf(key: IssuerKey, claims: object, header: object = {}): string {
  const alg = key.privateKey.asymmetricKeyType === 'ec' ? 'ES256' : 'RS256';
  const text = `${base64url({ alg, kid: key.kid, typ: 'JWT', ...header })}.${base64url(claims)}`;
  const signature = sign('sha256', Buffer.from(text), {
    key: key.privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${text}.${signature.toString('base64url')}`;
}

/** A token that is signed with a secret: what an attacker makes of a public key. */
export function secretTokenOf(secret: string, claims: object, header: object): string {
  const text = `${base64url({ alg: 'HS256', typ: 'JWT', ...header })}.${base64url(claims)}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}
