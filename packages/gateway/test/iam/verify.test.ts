import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { AccessKey } from '../../src/iam/access-key.ts';
import { type SigningOptions, signRequest } from '../../src/iam/sign.ts';
import { rememberedKeyCount, SigningKey } from '../../src/iam/signing-key.ts';
import type { SignedRequest } from '../../src/iam/sigv4.ts';
import { type VerifyOptions, verifyRequest } from '../../src/iam/verify.ts';
import { type HandSigning, signByHand } from './support/hand-signer.ts';
import { disabledKey, longTermKey, outcome, temporaryKey, verify } from './support/keys.ts';
import { addHeader, changeHeader, removeHeader } from './support/mutations.ts';

const NOW = Date.UTC(2026, 0, 5, 7, 8, 9);
const UNRECOGNIZED =
  'UnrecognizedClientException: The security token included in the request is invalid.';
const MISMATCH = 'InvalidSignatureException: The request signature we calculated does not match';

describe('who the caller is', () => {
  test('is the access key it signed with, in the region it named', () => {
    expect(verify(signed(), { now: NOW })).toMatchObject({
      kind: 'verified',
      accessKey: longTermKey,
      region: 'us-east-1',
    });
  });

  test.each(['eu-central-1', 'local', 'us-gov-west-1', 'mars_1'])('any region: %s', (region) => {
    expect(outcome(verify(signed({ region }), { now: NOW }))).toBe(`verified in ${region}`);
  });

  test('is unknown when its key is disabled, exactly as when there is no such key', () => {
    expect(outcome(verify(signed({ credentials: disabledKey }), { now: NOW }))).toBe(UNRECOGNIZED);
    const stranger = { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' };
    expect(outcome(verify(signed({ credentials: stranger }), { now: NOW }))).toBe(UNRECOGNIZED);
  });

  test('has to sign for one of the services that are asked for', () => {
    const request = signed({ service: 'apigateway' });
    const services = ['execute-api', 'apigateway'];
    expect(outcome(verify(request, { now: NOW, service: services }))).toBe('verified in us-east-1');
    expect(outcome(verify(request, { now: NOW, service: 'execute-api' }))).toBe(
      'InvalidSignatureException: ' +
        "Credential should be scoped to correct service: 'execute-api'. ",
    );
  });
});

describe('a session token', () => {
  test('has to come with temporary credentials', () => {
    expect(outcome(verify(signed({ credentials: temporaryKey }), { now: NOW }))).toBe(
      'verified in us-east-1',
    );
    const { sessionToken: _, ...withoutToken } = temporaryKey;
    const request = signed({ credentials: withoutToken });
    expect(outcome(verify(request, { now: NOW }))).toBe(UNRECOGNIZED);
  });

  test('has to be the right one, even when the signature is', () => {
    for (const sessionToken of ['other', `${temporaryKey.sessionToken}x`, '']) {
      const request = signed({ credentials: { ...temporaryKey, sessionToken } });
      expect(outcome(verify(request, { now: NOW }))).toBe(UNRECOGNIZED);
    }
  });

  test('may not come with long-term credentials', () => {
    const request = signed({ credentials: { ...longTermKey, sessionToken: 'left over' } });
    expect(outcome(verify(request, { now: NOW }))).toBe(UNRECOGNIZED);
  });

  test('counts when it was added after signing', () => {
    const { sessionToken, ...withoutToken } = temporaryKey;
    const request = signed({ credentials: withoutToken });
    const complete = addHeader(request, 'X-Amz-Security-Token', sessionToken!);
    expect(outcome(verify(complete, { now: NOW }))).toBe('verified in us-east-1');
  });
});

describe('the hash of the body in x-amz-content-sha256', () => {
  const body = Buffer.from('{"a":1}');
  const hashOfAnother = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

  test('signed as UNSIGNED-PAYLOAD lets the body be anything', () => {
    const request = signed({ headers: ['X-Amz-Content-Sha256', 'UNSIGNED-PAYLOAD'], body });
    const other = { ...request, body: Buffer.from('anything') };
    expect(outcome(verify(other, { now: NOW }))).toBe('verified in us-east-1');
  });

  test('signed with the hash of another body is refused', () => {
    const request = signed({ headers: ['X-Amz-Content-Sha256', hashOfAnother], body });
    expect(outcome(verify(request, { now: NOW }))).toContain(MISMATCH);
  });

  test('signed with another hash than the one beside it is refused', () => {
    const request = handSigned({
      rawHeaders: ['X-Amz-Content-Sha256', hashOfAnother],
      canonicalHeaders: [`x-amz-content-sha256:${hashOfAnother}`],
      signedHeaders: 'host;x-amz-content-sha256;x-amz-date',
      body: '{"a":1}',
    });
    expect(outcome(verify(request, { now: NOW }))).toContain(MISMATCH);
  });

  test('signed twice is refused', () => {
    const headers = ['X-Amz-Content-Sha256', 'UNSIGNED-PAYLOAD'];
    const request = signed({ headers: [...headers, ...headers], body });
    expect(outcome(verify(request, { now: NOW }))).toContain(MISMATCH);
  });

  test('not signed is ignored: the body has to be the signed one', () => {
    const request = addHeader(signed({ body }), 'X-Amz-Content-Sha256', 'UNSIGNED-PAYLOAD');
    expect(outcome(verify(request, { now: NOW }))).toBe('verified in us-east-1');
    const other = { ...request, body: Buffer.from('anything') };
    expect(outcome(verify(other, { now: NOW }))).toContain(MISMATCH);
  });
});

describe('the form of the headers', () => {
  test('does not matter: case of names, spaces around and inside values', () => {
    const request = signed({ headers: ['X-Note', 'a b', 'x-note', 'c'] });
    const respelled = {
      ...request,
      rawHeaders: request.rawHeaders.map((text) => {
        if (text === 'a b') return '  a \t  b ';
        return text === 'Host' ? 'HOST' : text;
      }),
    };
    expect(outcome(verify(respelled, { now: NOW }))).toBe('verified in us-east-1');
  });

  test('values beyond ASCII are compared by their bytes', () => {
    const bytes = Buffer.from('grün\u00a0\u00a0à').toString('latin1');
    const request = handSigned({
      rawHeaders: ['A-Note', bytes],
      canonicalHeaders: [`a-note:${bytes}`],
      signedHeaders: 'a-note;host;x-amz-date',
    });
    expect(outcome(verify(request, { now: NOW }))).toBe('verified in us-east-1');
  });

  test('a header that is listed as signed but was not sent is never passed over', () => {
    const request = handSigned({ signedHeaders: 'host;x-absent;x-amz-date' });
    expect(outcome(verify(request, { now: NOW }))).toContain(MISMATCH);
  });

  test('Authorization may be written without spaces after its commas', () => {
    const request = changeHeader(signed(), 'authorization', /, /g, ',');
    expect(outcome(verify(request, { now: NOW }))).toBe('verified in us-east-1');
  });

  test('Date may stand in for X-Amz-Date', () => {
    const request = signed({ headers: ['Date', 'Mon, 05 Jan 2026 07:08:09 GMT'] });
    const late = NOW + 5 * 60_000 + 1000;
    const withoutAmzDate = withoutSigned(request, 'x-amz-date');
    expect(outcome(verify(withoutAmzDate, { now: late }))).toContain(
      'Signature expired: 20260105T',
    );
    expect(outcome(verify(withoutAmzDate, { now: NOW }))).toContain(MISMATCH);
  });
});

describe('signing keys', () => {
  test('are remembered for good signatures, and never more than a thousand', () => {
    for (let region = 0; region < 1100; region += 1) {
      const request = handSigned({ region: `r${region}` });
      expect(outcome(verify(request, { now: NOW }))).toBe(`verified in r${region}`);
    }
    expect(rememberedKeyCount()).toBe(1000);
  });

  test('are not remembered for bad ones', () => {
    const before = rememberedKeyCount();
    for (let region = 0; region < 20; region += 1) {
      const request = signed({ region: 'us-east-1' });
      const moved = changeHeader(request, 'authorization', 'us-east-1', `elsewhere-${region}`);
      expect(outcome(verify(moved, { now: NOW }))).toContain(MISMATCH);
    }
    expect(rememberedKeyCount()).toBe(before);
  });
});

describe('a caller whose signatures were good before', () => {
  /** The next one, of the same header as far as its signature, with these keys in force. */
  const verifyWith = (key: AccessKey | undefined, changes: Partial<VerifyOptions> = {}) =>
    outcome(
      verifyRequest(signed(), {
        now: NOW,
        service: 'execute-api',
        findAccessKey: () => key,
        ...changes,
      }),
    );

  beforeEach(() => {
    for (let time = 0; time < 2; time += 1) {
      expect(verifyWith(longTermKey)).toBe('verified in us-east-1');
    }
  });

  test('is refused when its key is gone, or disabled', () => {
    expect(verifyWith(undefined)).toBe(UNRECOGNIZED);
    expect(verifyWith({ ...longTermKey, enabled: false })).toBe(UNRECOGNIZED);
  });

  test('is refused when its secret is another, and again let in with the first', () => {
    expect(verifyWith({ ...longTermKey, secretAccessKey: 'rotated' })).toContain(MISMATCH);
    expect(verifyWith(longTermKey)).toBe('verified in us-east-1');
  });

  test('is refused when it has to have a token, and when its time is over', () => {
    expect(verifyWith({ ...longTermKey, sessionToken: 'token' })).toBe(UNRECOGNIZED);
    expect(verifyWith({ ...longTermKey, expiresAt: NOW })).toContain('ExpiredTokenException');
  });

  test('is refused where another service is asked for', () => {
    expect(verifyWith(longTermKey, { service: 'apigateway' })).toContain(
      "Credential should be scoped to correct service: 'apigateway'.",
    );
  });

  test('is refused with the date of another day', () => {
    const tomorrow = changeHeader(signed(), 'x-amz-date', '20260105T', '20260106T');
    const now = NOW + 24 * 3600 * 1000;
    expect(outcome(verify(tomorrow, { now }))).toContain("'20260105' != '20260106'");
  });

  test('is refused for another body, path, host or signature', () => {
    const request = signed();
    const changed: SignedRequest[] = [
      { ...request, body: Buffer.from('{} ') },
      { ...request, path: `${request.path}x` },
      changeHeader(request, 'host', 'example.test', 'example.tesu'),
      changeHeader(request, 'authorization', /[0-9a-f]{64}$/, '0'.repeat(64)),
      changeHeader(request, 'authorization', /.$/, ''),
      changeHeader(request, 'authorization', /$/, '0'),
    ];
    for (const each of changed) expect(outcome(verify(each, { now: NOW }))).toContain(MISMATCH);
  });
});

test('signatures are those of HMAC, whatever the key', () => {
  const bytes = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(bytes, fc.string({ unit: 'binary-ascii' }), (keyBytes, canonical) => {
      const scope = { date: '20260105', region: 'r', service: 's' };
      const head = 'AWS4-HMAC-SHA256\n20260105T070809Z\n20260105/r/s/aws4_request\n';
      const text = head + createHash('sha256').update(canonical).digest('hex');
      const signature = new SigningKey(Buffer.from(keyBytes), scope).sign(
        '20260105T070809Z',
        canonical,
      );
      expect(signature).toBe(createHmac('sha256', keyBytes).update(text).digest('hex'));
    }),
  );
});

test('whatever comes in, it is refused and nothing is thrown', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('AWS4-HMAC-SHA256', 'Credential=', 'a/20260105/r/execute-api/aws4_request'),
    fc.constantFrom('SignedHeaders=host', 'Signature=', ',', ' ', '%', '%%', 'X-Amz-Date=', '&'),
    fc.constantFrom('X-Amz-Algorithm=AWS4-HMAC-SHA256', 'X-Amz-SignedHeaders=host', '=', ';'),
  );
  const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(''));
  const name = fc.constantFrom('Authorization', 'Host', 'X-Amz-Date', 'Date', '__proto__', '');
  const request = fc.record({
    method: text,
    path: text,
    query: text,
    rawHeaders: fc.array(fc.tuple(name, text), { maxLength: 5 }).map((pairs) => pairs.flat()),
    body: fc.uint8Array({ maxLength: 10 }),
  });
  fc.assert(
    fc.property(request, (each) => verify(each, { now: NOW }).kind === 'refused'),
    { seed: 20_260_105, numRuns: 3000 },
  );
});

function signed(
  changes: Partial<SigningOptions> & {
    readonly headers?: readonly string[];
    readonly body?: Uint8Array;
  } = {},
): SignedRequest {
  const request: SignedRequest = {
    method: 'POST',
    path: '/production/@connections/L0SM9cOFvIHw%3D',
    query: '',
    rawHeaders: ['Host', 'example.test', ...(changes.headers ?? [])],
    body: changes.body ?? Buffer.from('{}'),
  };
  const added = signRequest(request, {
    credentials: longTermKey,
    region: 'us-east-1',
    service: 'execute-api',
    now: NOW,
    ...changes,
  });
  return { ...request, rawHeaders: [...request.rawHeaders, ...Object.entries(added).flat()] };
}

/** Signed without our own code, the given header lines sorted in with that of the host. */
function handSigned(changes: Partial<HandSigning>): SignedRequest {
  const host = 'host:example.test';
  const lines = [host, ...(changes.canonicalHeaders ?? [])].sort();
  return signByHand({
    date: '20260105T070809Z',
    signedHeaders: 'host;x-amz-date',
    ...changes,
    rawHeaders: ['Host', 'example.test', ...(changes.rawHeaders ?? [])],
    canonicalHeaders: lines,
  });
}

function withoutSigned(request: SignedRequest, name: string): SignedRequest {
  return changeHeader(removeHeader(request, name), 'authorization', `;${name}`, '');
}
