import { parseArgs } from 'node:util';
import { didYouMean } from '../templates/suggest.ts';

/** An option of one command, beside the settings of the gateway. */
export interface CommandOption {
  /** Without the dashes. */
  readonly name: string;
  /** What follows it in help; a switch has none. */
  readonly placeholder?: string;
  readonly sentence: string;
  readonly isRepeated?: true;
}

export interface ReadOptions {
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly switches: ReadonlySet<string>;
  readonly positionals: readonly string[];
  /** What is none of these, for whoever knows it. */
  readonly rest: readonly string[];
}

/** The command was called in a way that makes no sense. */
export class UsageError extends Error {}

/** Takes the options of a command out of `argv`. Only those in `others` may stand beside them. */
export function readOptions(
  argv: readonly string[],
  options: readonly CommandOption[],
  others: ReadonlyMap<string, 'value' | 'switch'> = new Map(),
): ReadOptions {
  const known = new Map(options.map((option) => [option.name, option]));
  const config = Object.fromEntries(
    options.map(({ name, placeholder }) => [name, { type: typeOf(placeholder), multiple: true }]),
  );
  const values = new Map<string, string[]>();
  const switches = new Set<string>();
  const positionals: string[] = [];
  const rest: string[] = [];
  let isRestValue = false;
  const { tokens } = parseArgs({ args: [...argv], options: config, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'positional') {
      (isRestValue ? rest : positionals).push(token.value);
      isRestValue = false;
      continue;
    }
    isRestValue = false;
    if (token.kind !== 'option') continue;
    const option = known.get(token.name);
    const elsewhere = option ? undefined : others.get(token.name);
    if (elsewhere !== undefined) {
      rest.push(argv[token.index]!);
      isRestValue = elsewhere === 'value' && token.value === undefined;
    } else if (!option) {
      const names = [...known.keys(), ...others.keys()].map((name) => `--${name}`);
      throw new UsageError(`${token.rawName}: unknown option${didYouMean(token.rawName, names)}`);
    } else if (option.placeholder === undefined) switches.add(token.name);
    else if (token.value === undefined || (!token.inlineValue && token.value.startsWith('-'))) {
      throw new UsageError(
        `${token.rawName}: needs a value: ${token.rawName} ${option.placeholder}`,
      );
    } else values.set(token.name, [...(values.get(token.name) ?? []), token.value]);
  }
  return { values, switches, positionals, rest };
}

const typeOf = (placeholder: string | undefined) =>
  placeholder === undefined ? ('boolean' as const) : ('string' as const);

/** `Name=value`, repeated. */
export function pairs(values: readonly string[] = [], flag: string): Record<string, string> {
  return Object.fromEntries(
    values.map((text) => {
      const at = text.indexOf('=');
      if (at < 1)
        throw new UsageError(`--${flag}: expected NAME=VALUE, got ${JSON.stringify(text)}`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

export function optionsText(options: readonly CommandOption[]): string {
  return options
    .map(({ name, placeholder, sentence }) => {
      const left = placeholder === undefined ? `--${name}` : `--${name} ${placeholder}`;
      return `  ${left}\n      ${sentence}`;
    })
    .join('\n');
}
