import { parseArgs } from 'node:util';
import { didYouMean } from '../templates/suggest.ts';
import { flagOf, type Mode, type SettingKey, settingsOf } from './settings.ts';

export interface FlagValue {
  readonly key: SettingKey;
  readonly value: unknown;
}

/** `--port 80`, `--port=80`, `--ephemeral`, `--no-ephemeral`. A flag given twice: the last counts. */
export function readFlags(
  argv: readonly string[],
  mode: Mode,
): { readonly values: FlagValue[]; readonly problems: string[] } {
  const rows = new Map(settingsOf(mode).map(([key, row]) => [flagOf(key), { key, row }]));
  const options = Object.fromEntries(
    Array.from(rows, ([flag, { row }]) => [flag, { type: kindOf(row.type.placeholder) }] as const),
  );
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true });

  const values: FlagValue[] = [];
  const problems: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') problems.push(`unexpected "${token.value}"`);
    if (token.kind !== 'option') continue;
    const isNegative = token.name.startsWith('no-') && !rows.has(token.name);
    const found = rows.get(isNegative ? token.name.slice(3) : token.name);
    const isSwitch = found?.row.type.placeholder === undefined;
    if (!found || (isNegative && !isSwitch)) {
      const known = Array.from(rows.keys(), (flag) => `--${flag}`);
      problems.push(`${token.rawName}: unknown option${didYouMean(token.rawName, known)}`);
    } else if (isSwitch) {
      const value = token.value === undefined ? !isNegative : found.row.type.read(token.value);
      values.push({ key: found.key, value });
    } else if (token.value === undefined || (!token.inlineValue && token.value.startsWith('-'))) {
      problems.push(
        `${token.rawName}: needs a value, such as ${example(token.rawName, found.row)}`,
      );
    } else {
      values.push({ key: found.key, value: found.row.type.read(token.value) });
    }
  }
  return { values, problems };
}

const kindOf = (placeholder: string | undefined) =>
  placeholder === undefined ? ('boolean' as const) : ('string' as const);

function example(
  flag: string,
  row: { default: unknown; type: { placeholder?: string | undefined } },
) {
  return `${flag} ${row.default ?? row.type.placeholder}`;
}
