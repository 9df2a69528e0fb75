/**
 * A safety net, not a licence: callers keep secrets out of a log; this catches the ones that hide in
 * a message somebody else wrote, such as an error that quotes a URL or a header.
 */
const SECRET = '(?:token|secret|passw(?:or)?d|signature|credential|api[-_]?key|access[-_]?key)';

const RULES: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // Whole header values: they may hold blanks and commas.
  [/\b((?:proxy-)?authorization|(?:set-)?cookie)(["']?\s*[:=]\s*["']?)[^"'\r\n]+/gi, '$1$2…'],
  [/\b(bearer\s+)[\w.~+/=-]{8,}/gi, '$1…'],
  // `token=…`, `X-Amz-Signature=…`, `Credential=…`, in a query or a header.
  [new RegExp(`\\b([\\w-]{0,40}${SECRET}[\\w-]{0,40}=)[^\\s&"',;)]+`, 'gi'), '$1…'],
  // `"token":"…"`, `secretAccessKey: '…'`
  [new RegExp(`(${SECRET}[\\w-]{0,40}["']?\\s*:\\s*["'])[^"'\\r\\n]*`, 'gi'), '$1…'],
  [/\b(x-api-key|x-amz-[\w-]{0,40}(?:signature|token|credential))(\s*:\s*)[^\s"',]+/gi, '$1$2…'],
  // JSON Web Tokens, wherever they stand.
  [/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g, '…'],
  [/\b(AKIA|ASIA)[A-Z0-9]{12,}/g, '$1…'],
];

/** Every rule needs one of these: most text has none, and is looked through once. */
const SUSPICIOUS =
  /authorization|cookie|bearer|token|secret|passw|signature|credential|key|x-amz|AKIA|ASIA|eyJ/i;

/** `text` with the values of credentials replaced by `…`; their names stay, so it still explains. */
export function redact(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  return RULES.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
}
