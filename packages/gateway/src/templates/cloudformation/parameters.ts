import { compilePattern } from '../../mapping/pattern/pattern.ts';
import { type Dictionary, own } from '../../resources/record.ts';
import type { Path } from '../problem.ts';
import { collectProblems } from '../source/template-error.ts';
import { didYouMean } from '../suggest.ts';
import { textOf } from './intrinsic.ts';
import { problemAt, sectionOf, type Template } from './template.ts';

/** Parameter values from outside, as text: `--parameter Name=value`. */
export type GivenParameters = Readonly<Record<string, string>>;

/**
 * The value of every parameter, a list for list types. Throws for one without a value, for a value its
 * declaration does not allow, and for a given one that is not declared.
 */
export function parameterValues(
  template: Template,
  given: GivenParameters,
): ReadonlyMap<string, string | readonly string[]> {
  const declared = sectionOf(template, 'Parameters');
  const values = new Map<string, string | readonly string[]>();
  const names = Object.keys(declared);
  const unknown = Object.keys(given).filter((name) => !names.includes(name));
  collectProblems(unknown, (name) => {
    const hint = didYouMean(name, names);
    throw problemAt(template, ['Parameters'], `there is no parameter ${name}${hint}`);
  });
  collectProblems(Object.entries(declared), ([name, declaration]) => {
    values.set(name, valueFor(template, name, declaration, own(given, name)));
  });
  return values;
}

function valueFor(
  template: Template,
  name: string,
  declaration: Dictionary<unknown>,
  given: string | undefined,
): string | readonly string[] {
  const path: Path = ['Parameters', name];
  const type = textOf(own(declaration, 'Type')) ?? 'String';
  const value = given ?? textOf(own(declaration, 'Default'));
  if (value === undefined) {
    throw problemAt(template, path, `needs a value: --parameter ${name}=…`);
  }
  const isList =
    type === 'CommaDelimitedList' || /^(?:AWS::SSM::Parameter::Value<)?List</.test(type);
  const items = isList ? value.split(',').map((item) => item.trim()) : [value];
  const isNumber = type === 'Number' || type === 'List<Number>';
  for (const item of items) {
    const problem = problemOf(item, declaration, isNumber);
    const shown = own(declaration, 'NoEcho') ? 'the value' : JSON.stringify(item);
    if (problem !== undefined) throw problemAt(template, path, `${shown} ${problem}`);
  }
  return isList ? items : value;
}

function problemOf(
  value: string,
  declaration: Dictionary<unknown>,
  isNumber: boolean,
): string | undefined {
  const limit = (name: string) => {
    const text = textOf(own(declaration, name));
    return text === undefined ? undefined : Number(text);
  };
  const allowed = own(declaration, 'AllowedValues');
  if (Array.isArray(allowed) && !allowed.map(textOf).includes(value)) {
    return `is none of ${allowed.map(textOf).join(', ')}`;
  }
  if (isNumber) {
    if (value.trim() === '' || Number.isNaN(Number(value))) return 'is not a number';
    if (Number(value) < (limit('MinValue') ?? -Infinity)) return `is below ${limit('MinValue')}`;
    if (Number(value) > (limit('MaxValue') ?? Infinity)) return `is above ${limit('MaxValue')}`;
    return undefined;
  }
  const pattern = textOf(own(declaration, 'AllowedPattern'));
  if (pattern !== undefined && !matches(pattern, value)) return `does not match ${pattern}`;
  if (value.length < (limit('MinLength') ?? 0)) return `is shorter than ${limit('MinLength')}`;
  if (value.length > (limit('MaxLength') ?? Infinity))
    return `is longer than ${limit('MaxLength')}`;
  return undefined;
}

/** Java's expressions, as CloudFormation's are. One that cannot be read allows everything. */
function matches(pattern: string, value: string): boolean {
  try {
    return compilePattern(pattern).matches(value);
  } catch {
    return true;
  }
}
