import { z } from 'zod';
import { compilePolicy } from '../iam/policy.ts';
import { PolicyError } from '../iam/policy-error.ts';
import { strict } from './problem.ts';

/** A literal, or where to find one: an environment variable or a file's first line. */
export type Secret = string | { readonly env: string } | { readonly file: string };

const text = (expected: string) => z.string({ error: expected }).min(1, { error: expected });

const SECRET = 'text, { env: NAME } or { file: PATH }';
const secret = z.union(
  [
    text(SECRET),
    strict({ env: text('the name of an environment variable') }),
    strict({ file: text('the path of a file') }),
  ],
  { error: SECRET },
);

const DATE = 'a date such as 2026-12-31T23:59:59Z, in quotes';

const accessKey = strict({
  accessKeyId: text('an access key id').regex(/^\w{3,128}$/, {
    error: 'an access key id of 3 to 128 letters, digits and _',
  }),
  secretAccessKey: secret.describe('Text, or { env: NAME }, or { file: PATH }.'),
  sessionToken: secret.optional().describe('For temporary credentials.'),
  expiration: text(DATE)
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/, { error: DATE, abort: true })
    .refine(isInCalendar, { error: 'there is no such day or time' })
    .optional()
    .describe('When the key stops being good, in UTC. Default: never.'),
  enabled: z.boolean({ error: 'true or false' }).optional().describe('Default true.'),
});

/** The 30th of February would be another day, and the 13th month none: with it, a key would never expire. */
function isInCalendar(date: string): boolean {
  const millis = Date.parse(date);
  return !Number.isNaN(millis) && new Date(millis).toISOString().startsWith(date.slice(0, 19));
}

const policy = z
  .record(z.string(), z.unknown(), { error: 'a policy document' })
  .superRefine((document, context) => {
    try {
      compilePolicy(document);
    } catch (error) {
      if (!(error instanceof PolicyError)) throw error;
      const message = error.path ? error.message.slice(error.path.length + 2) : error.message;
      context.addIssue({ code: 'custom', path: keysOf(error.path), message });
    }
  });

const user = strict({
  name: text('a name').regex(/^[\w+=,.@-]{1,64}$/, {
    error: 'a name of letters, digits and _+=,.@-',
  }),
  accessKeys: z
    .array(accessKey, { error: 'a list of access keys' })
    .optional()
    .describe('What the user signs with.'),
  tokens: z
    .array(secret, { error: 'a list of tokens' })
    .optional()
    .describe('Bearer tokens for the console, /@api and the control plane.'),
  policies: z
    .array(policy, { error: 'a list of policy documents' })
    .optional()
    .describe('IAM policy documents, as on AWS: what is not allowed is denied.'),
});

export const usersSchema = z
  .array(user, { error: 'a list of users' })
  .superRefine((users, context) => {
    const seen = new Set<string>();
    users.forEach(({ accessKeys = [] }, userIndex) => {
      accessKeys.forEach(({ accessKeyId }, keyIndex) => {
        const path = [userIndex, 'accessKeys', keyIndex, 'accessKeyId'];
        const message = 'another access key has this id too';
        if (seen.has(accessKeyId)) context.addIssue({ code: 'custom', path, message });
        seen.add(accessKeyId);
      });
    });
  });

/** `Statement[0].Effect` → `Statement`, `0`, `Effect` */
function keysOf(path: string): (string | number)[] {
  const keys = path.match(/[^.[\]]+/g) ?? [];
  return keys.map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}
