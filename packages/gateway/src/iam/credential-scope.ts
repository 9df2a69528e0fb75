import type { ServiceException } from '../wire/exceptions.ts';
import { fingerprint } from './digest.ts';
import { type Credential, incomplete, invalid, type SignatureClaim } from './signature-claim.ts';
import { TERMINATOR } from './sigv4.ts';

/** Any region is welcome, but it must read like one: it is written into ARNs later. */
const REGION = /^[A-Za-z0-9_-]{1,64}$/;

/** `services` are the signing names this door answers to, such as `execute-api`. */
export function readCredential(
  claim: SignatureClaim,
  services: readonly string[],
): Credential | ServiceException {
  const known = claim.terms.signer?.credential;
  if (known && isInScope(known, claim.date, services)) return known;
  const words = claim.terms.credential.split('/');
  if (words.length !== 5) {
    return incomplete(
      'Credential must have exactly 5 slash-delimited elements, e.g. ' +
        'keyid/date/region/service/term, got (hashed with SHA-256 and encoded with Base64) ' +
        `'${fingerprint(claim.terms.credential)}'`,
    );
  }
  const [accessKeyId, date, region, service, terminator] = words as [
    string,
    string,
    string,
    string,
    string,
  ];
  let complaint = '';
  if (!REGION.test(region)) {
    complaint += `Credential should be scoped to a valid region, not '${region}'. `;
  }
  if (!services.includes(service)) {
    const names = services.map((name) => `'${name}'`).join(' or ');
    complaint += `Credential should be scoped to correct service: ${names}. `;
  }
  if (terminator !== TERMINATOR) {
    complaint +=
      `Credential should be scoped with a valid terminator: '${TERMINATOR}', ` +
      `not '${terminator}'. `;
  }
  const day = claim.date.slice(0, 8);
  if (date !== day) {
    complaint +=
      'Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from ' +
      `HTTP: '${date}' != '${day}', from '${claim.date}'. `;
  }
  if (complaint !== '') return invalid(complaint);
  return { accessKeyId, scope: { date, region, service } };
}

/** Of what was found in order before, whether it still is: for this service, and on this day. */
function isInScope({ scope }: Credential, date: string, services: readonly string[]): boolean {
  return date.startsWith(scope.date) && services.includes(scope.service);
}
