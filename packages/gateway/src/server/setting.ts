import { z } from 'zod';
import { addressList as readAddressList } from '../ambient/address-list.ts';
import { hostList } from '../ambient/host-list.ts';
import { parseRedisAddress } from '../engines/redis/address.ts';

/** One row of the table in `settings.ts`; flags, help, checks and documents derive from it. */
export interface Setting<Value> {
  readonly type: SettingType<Value>;
  /** What holds when nobody says anything; `undefined` where nothing then applies. */
  readonly default: Value;
  readonly unit?: string;
  /** One sentence for help and documents, in the reader's terms. */
  readonly sentence: string;
  /** The command that knows it; both when left out. */
  readonly only?: 'dev' | 'start';
  /** `false` for what decides which file is read. */
  readonly isInFile?: boolean;
}

export interface SettingType<Value> {
  readonly schema: z.ZodType<NonNullable<Value>>;
  /** What follows the flag in `--help`; a switch has none. */
  readonly placeholder: string | undefined;
  /** Text of a flag or an environment variable as a value; text that is none stays text. */
  read(text: string): unknown;
}

export function integer(min: number, max: number, placeholder: string): SettingType<number> {
  const error = `a whole number from ${min} to ${max}`;
  return {
    schema: z.int({ error }).min(min, { error }).max(max, { error }),
    placeholder,
    read: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : text),
  };
}

/** `embedded`, or an address as `engines/redis/address.ts` reads it. */
export function engineAddress(): SettingType<string> {
  const expected = 'embedded, or an address of Redis';
  const schema = z.string({ error: expected }).superRefine((text, context) => {
    const problem = text === 'embedded' ? undefined : problemOf(parseRedisAddress, text);
    if (problem !== undefined) {
      context.addIssue({ code: 'custom', message: `${expected}: ${problem}` });
    }
  });
  return { schema, placeholder: 'ADDRESS', read: (value) => value };
}

const WORKERS_MAX = 64;

export function workerCount(): SettingType<number | 'auto'> {
  const error = `a whole number from 1 to ${WORKERS_MAX}, or auto`;
  // Each check has the sentence: of a union, zod passes on the words of the member that came nearest.
  const count = z.int({ error }).min(1, { error }).max(WORKERS_MAX, { error });
  return {
    schema: z.union([count, z.literal('auto')], { error }),
    placeholder: 'COUNT',
    read: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : text),
  };
}

/** A number that may be left out altogether. */
export function optionalInteger(
  min: number,
  max: number,
  placeholder: string,
): SettingType<number | undefined> {
  return integer(min, max, placeholder);
}

export function text(pattern: RegExp, expected: string, placeholder: string): SettingType<string> {
  return {
    schema: z.string({ error: `${expected}, as text in quotes` }).regex(pattern, {
      error: expected,
    }),
    placeholder,
    read: (value) => value,
  };
}

/** Text that may be left out altogether. */
export function optionalText(
  pattern: RegExp,
  expected: string,
  placeholder: string,
): SettingType<string | undefined> {
  return text(pattern, expected, placeholder);
}

const SWITCH_WORDS: Readonly<Record<string, boolean>> = {
  true: true,
  '1': true,
  false: false,
  '0': false,
};

/** One of a few words. */
export function choice<const Word extends string>(words: readonly Word[]): SettingType<Word> {
  const error = `one of ${words.join(', ')}`;
  return {
    schema: z.enum(words, { error }) as unknown as z.ZodType<NonNullable<Word>>,
    placeholder: words.join('|'),
    read: (value) => value,
  };
}

export function switched(): SettingType<boolean> {
  return {
    schema: z.boolean({ error: 'true or false' }),
    placeholder: undefined,
    read: (text) => SWITCH_WORDS[text.toLowerCase()] ?? text,
  };
}

/** Addresses and CIDR ranges, comma-separated. */
export function addressList(): SettingType<string> {
  return list(readAddressList, 'addresses or ranges such as 10.0.0.0/8, comma-separated');
}

/** The same, with host names among them. */
export function hosts(): SettingType<string> {
  return list(hostList, 'host names, addresses or ranges such as 10.0.0.0/8, comma-separated');
}

function list(read: (text: string) => unknown, expected: string): SettingType<string> {
  return {
    schema: z.string({ error: expected }).refine((text) => problemOf(read, text) === undefined, {
      error: ({ input }) => problemOf(read, String(input)),
    }),
    placeholder: 'LIST',
    read: (value) => value,
  };
}

/** Why a list cannot be read, with the entry that is wrong. */
function problemOf(read: (text: string) => unknown, text: string): string | undefined {
  try {
    read(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
