import type { ServiceException } from '../wire/exceptions.ts';
import { canonicalQuery } from './canonical-request.ts';
import { type HeaderList, headerValue } from './header-list.ts';
import {
  incomplete,
  type SignatureClaim,
  SignatureTerms,
  signedContentHash,
} from './signature-claim.ts';
import { PRESIGNED_SECONDS_MAX, type SignedRequest } from './sigv4.ts';

/** Signers that name no lifetime, as some do for services other than S3, get this one. */
const EXPIRES_SECONDS_DEFAULT = 300;

const REQUIRED = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-SignedHeaders',
  'X-Amz-Date',
] as const;

const CONTENT_HASH = /^x-amz-content-sha256$/i;

/** Whether the query string carries a signature. */
export function isPresigned(query: string): boolean {
  return query !== '' && /(?:^|&)X-Amz-Algorithm(?:=|&|$)/.test(query);
}

/** Reads a signature from the query string: the only form a browser's WebSocket can send. */
export function readPresignedQuery(
  request: SignedRequest,
  headers: HeaderList,
): SignatureClaim | ServiceException {
  const parameters = readParameters(request.query);
  if (typeof parameters === 'string') {
    return incomplete(`AWS query-string parameters must include '${parameters}' only once.`);
  }
  const absent = REQUIRED.filter((name) => !parameters.get(name));
  if (absent.length > 0) {
    const sentences = absent.map((name) => `AWS query-string parameters must include '${name}'. `);
    return incomplete(`${sentences.join('')}Re-examine the query-string parameters.`);
  }
  const expiresSeconds = readExpires(parameters.get('X-Amz-Expires'));
  if (typeof expiresSeconds === 'string') return incomplete(expiresSeconds);
  const terms = new SignatureTerms(
    parameters.get('X-Amz-Algorithm')!,
    parameters.get('X-Amz-Credential')!,
    parameters.get('X-Amz-SignedHeaders')!,
  );
  return {
    terms,
    unremembered: undefined,
    signature: parameters.get('X-Amz-Signature')!,
    date: parameters.get('X-Amz-Date')!,
    sessionToken:
      parameters.get('X-Amz-Security-Token') ?? headerValue(headers, 'x-amz-security-token'),
    contentSha256: parameters.get('X-Amz-Content-Sha256') ?? signedContentHash(headers, terms),
    canonicalQuery: canonicalQuery(request.query, 'X-Amz-Signature'),
    expiresSeconds,
  };
}

/** The `X-Amz-` parameters, decoded; or the name of one that is there twice. */
function readParameters(query: string): ReadonlyMap<string, string> | string {
  const parameters = new Map<string, string>();
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=');
    const written = decode(equals < 0 ? pair : pair.slice(0, equals));
    // Signers that move headers into the query keep the spelling the header had.
    const name = CONTENT_HASH.test(written) ? 'X-Amz-Content-Sha256' : written;
    if (!name.startsWith('X-Amz-')) continue;
    if (parameters.has(name)) return name;
    parameters.set(name, equals < 0 ? '' : decode(pair.slice(equals + 1)));
  }
  return parameters;
}

function readExpires(text: string | undefined): number | string {
  if (text === undefined) return EXPIRES_SECONDS_DEFAULT;
  if (!/^-?\d+$/.test(text)) return 'X-Amz-Expires should be a number';
  const seconds = Number(text);
  if (seconds < 0) return 'X-Amz-Expires must be non-negative';
  if (seconds <= PRESIGNED_SECONDS_MAX) return seconds;
  return (
    'X-Amz-Expires must be less than a week (in seconds); ' +
    `that is, the given X-Amz-Expires must be less than ${PRESIGNED_SECONDS_MAX} seconds`
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not valid UTF-8: it cannot be one of the words looked for, so any stand-in will do.
    return text;
  }
}
