/**
 * What a Lambda function may return through AWS_PROXY. Only the five members of the proxy response are
 * allowed and none is required; anything else is a malformed response, which AWS answers with 502 or an
 * `Internal server error` frame.
 */
import type { IntegrationAnswer } from './integration.ts';

const MEMBERS = new Set(['statusCode', 'headers', 'multiValueHeaders', 'body', 'isBase64Encoded']);

/** The answer, or in words what is wrong with it. */
export function readLambdaResponse(payload: Buffer): IntegrationAnswer | string {
  const value = parse(payload);
  if (!isObject(value)) return 'the function returned no JSON object';
  const unknown = Object.keys(value).find((key) => !MEMBERS.has(key));
  if (unknown !== undefined) {
    return `the function's response has "${unknown}"; only ${[...MEMBERS].join(', ')} are allowed`;
  }
  const { statusCode = 200, headers = {}, multiValueHeaders = {}, body } = value;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || statusCode === '' || status < 100 || status > 999) {
    return "the response's statusCode is no HTTP status";
  }
  if (headers !== null && !hasValues(headers, isText)) {
    return "the response's headers are not all strings or booleans";
  }
  if (multiValueHeaders !== null && !hasValues(multiValueHeaders, Array.isArray)) {
    return "the response's multiValueHeaders are not all lists";
  }
  if (body !== undefined && body !== null && typeof body !== 'string') {
    return "the response's body is no string";
  }
  return {
    kind: 'answer',
    status,
    headers: {
      ...lowerCase(headers, String),
      ...lowerCase(multiValueHeaders, (all) => all.map(String)),
    },
    body: Buffer.from(body ?? '', value.isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

function parse(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isText = (value: unknown): value is string | boolean =>
  typeof value === 'string' || typeof value === 'boolean';

function hasValues<T>(
  value: unknown,
  fits: (member: unknown) => member is T,
): value is Record<string, T> {
  return isObject(value) && Object.values(value).every(fits);
}

function lowerCase<T, Out>(map: Record<string, T> | null, to: (value: T) => Out) {
  return Object.fromEntries(
    Object.entries(map ?? {}).map(([name, value]) => [name.toLowerCase(), to(value)]),
  );
}
