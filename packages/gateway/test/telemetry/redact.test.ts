import { describe, expect, test } from 'vitest';
import { redact } from '../../src/telemetry/redact.ts';

const SECRET = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY';

describe('redact hides', () => {
  test.each([
    `Authorization: AWS4-HMAC-SHA256 Credential=${SECRET}/20260101/us-east-1, Signature=${SECRET}`,
    `{"authorization":"Bearer ${SECRET}"}`,
    `authorization=Basic ${SECRET}`,
    `Proxy-Authorization: Basic ${SECRET}`,
    `sent Bearer ${SECRET} to the backend`,
    `Cookie: a=b; session=${SECRET}`,
    `GET /production?X-Amz-Signature=${SECRET}&x=1 failed`,
    `GET /?X-Amz-Security-Token=${SECRET}`,
    `GET /?X-Amz-Credential=${SECRET}%2F20260101`,
    `x-amz-security-token: ${SECRET}`,
    `ws://127.0.0.1/production?token=${SECRET}`,
    `?access_token=${SECRET}#top`,
    `{"token": "${SECRET}"}`,
    `{ secretAccessKey: '${SECRET}' }`,
    `AWS_SECRET_ACCESS_KEY=${SECRET}`,
    `x-api-key: ${SECRET}`,
    `X-API-KEY=${SECRET}`,
    `password=${SECRET}`,
  ])('%s', (text) => {
    expect(redact(text)).not.toContain(SECRET);
    expect(redact(text)).toContain('…');
  });

  test('JSON Web Tokens, wherever they stand', () => {
    const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl_-x';
    expect(redact(`GET /production?t=${jwt}&x=1`)).toBe('GET /production?t=…&x=1');
    expect(redact(`bearer, ${jwt.split('.').slice(0, 2).join('.')}`)).toBe('bearer, …');
  });

  test('access key ids, keeping their kind', () => {
    expect(redact('no user has AKIAIOSFODNN7EXAMPLE here')).toBe('no user has AKIA… here');
  });
});

test('redact keeps what surrounds a secret', () => {
  expect(redact('GET /a?token=abc&page=2 HTTP/1.1')).toBe('GET /a?token=…&page=2 HTTP/1.1');
});

test.each([
  'connect ECONNREFUSED 127.0.0.1:3000',
  'Unexpected token } in JSON at position 4',
  'postern.yaml: apis.chat.id: expected text, got 42 (line 7)',
  '$request.body.action',
])('redact leaves %s alone', (text) => {
  expect(redact(text)).toBe(text);
});

test('redact takes time in proportion to the text', () => {
  const text = `${'a-'.repeat(200_000)} ${'token '.repeat(50_000)}`;
  const started = process.cpuUsage();
  redact(text);
  // Whatever else this machine does meanwhile does not count.
  expect(process.cpuUsage(started).user).toBeLessThan(5_000_000);
});
