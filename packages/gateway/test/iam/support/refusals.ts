/** How the refusals begin, or all of one where nothing varies. */
export const MISMATCH =
  'InvalidSignatureException: The request signature we calculated does not match the signature ' +
  'you provided. Check your AWS Secret Access Key and signing method. ' +
  'Consult the service documentation for details.';
export const UNRECOGNIZED =
  'UnrecognizedClientException: The security token included in the request is invalid.';
export const MISSING = 'MissingAuthenticationTokenException: Missing Authentication Token';
export const EXPIRED = 'InvalidSignatureException: Signature expired: ';
export const SCOPE = 'InvalidSignatureException: Credential should be scoped ';
export const SCOPE_DATE =
  'InvalidSignatureException: Date in Credential scope does not match YYYYMMDD from ISO-8601 ' +
  'version of date from HTTP: ';
export const REQUIRES = 'IncompleteSignatureException: Authorization header requires ';
export const NO_EQUALS =
  'IncompleteSignatureException: Invalid key=value pair (missing equal-sign) in Authorization ' +
  'header (hashed with SHA-256 and encoded with Base64): ';
export const BAD_DATE =
  "IncompleteSignatureException: Date must be in ISO-8601 'basic format'. Got ";
export const FIVE =
  'IncompleteSignatureException: Credential must have exactly 5 slash-delimited elements, e.g. ' +
  'keyid/date/region/service/term, got (hashed with SHA-256 and encoded with Base64) ';
export const HOST_UNSIGNED =
  "InvalidSignatureException: 'Host' or ':authority' must be a 'SignedHeader' in the AWS " +
  'Authorization.';
export const QUERY_LACKS =
  'IncompleteSignatureException: AWS query-string parameters must include ';
