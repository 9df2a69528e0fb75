import { readDate, readNumber } from './condition-value.ts';
import { compileIpRange } from './ip-range.ts';
import { patternMatches, readPattern } from './pattern.ts';
import type { Located } from './policy-document.ts';
import { PolicyError } from './policy-error.ts';
import { readTemplate, resolveTemplate } from './policy-variable.ts';
import type { RequestContext } from './request-context.ts';

/** Whether one value of the request matches one value of the policy. */
export type ValueTest = (value: string, context: RequestContext) => boolean;

export interface ConditionOperator {
  /** Compiled like its opposite; the answer is turned round where all values are considered. */
  readonly isNegated: boolean;
  compile(value: Located, hasVariables: boolean): ValueTest;
}

type Compile = ConditionOperator['compile'];

/** The condition operators by name, without quantifier and `IfExists`; `Null` is not a test. */
export const conditionOperators: ReadonlyMap<string, ConditionOperator> = new Map([
  ...pair(
    'StringEquals',
    'StringNotEquals',
    equalText((text) => text),
  ),
  ...pair(
    'StringEqualsIgnoreCase',
    'StringNotEqualsIgnoreCase',
    equalText((text) => text.toLowerCase()),
  ),
  ...pair('StringLike', 'StringNotLike', like('text')),
  ...pair('ArnEquals', 'ArnNotEquals', like('arn')),
  ...pair('ArnLike', 'ArnNotLike', like('arn')),
  ...pair('IpAddress', 'NotIpAddress', compileIpRange),
  ...comparisons('Numeric', readNumber, 'a number'),
  ...comparisons('Date', readDate, 'an ISO 8601 date with its time zone, or epoch seconds'),
  ['BinaryEquals', { isNegated: false, compile: binary }],
  ['Bool', { isNegated: false, compile: bool }],
]);

function pair(name: string, opposite: string, compile: Compile): [string, ConditionOperator][] {
  return [
    [name, { isNegated: false, compile }],
    [opposite, { isNegated: true, compile }],
  ];
}

function equalText(fold: (text: string) => string): Compile {
  return (located, hasVariables) => {
    const template = readTemplate(located, hasVariables);
    return (value, context) => {
      const parts = resolveTemplate(template, context);
      return parts !== undefined && fold(parts.map(({ text }) => text).join('')) === fold(value);
    };
  };
}

function like(kind: 'text' | 'arn'): Compile {
  return (located, hasVariables) => {
    const pattern = readPattern(located, { kind, hasVariables });
    return (value, context) => patternMatches(pattern, value, context);
  };
}

function comparisons(
  family: string,
  read: (text: string) => number | undefined,
  expected: string,
): [string, ConditionOperator][] {
  const by =
    (holds: (value: number, limit: number) => boolean): Compile =>
    ({ text, path }) => {
      const limit = read(text);
      if (limit === undefined) throw new PolicyError(path, `expected ${expected}`);
      return (value) => {
        const number = read(value);
        return number !== undefined && holds(number, limit);
      };
    };
  const plain = (name: string, compile: Compile): [string, ConditionOperator] => [
    `${family}${name}`,
    { isNegated: false, compile },
  ];
  return [
    ...pair(
      `${family}Equals`,
      `${family}NotEquals`,
      by((value, limit) => value === limit),
    ),
    plain(
      'LessThan',
      by((value, limit) => value < limit),
    ),
    plain(
      'LessThanEquals',
      by((value, limit) => value <= limit),
    ),
    plain(
      'GreaterThan',
      by((value, limit) => value > limit),
    ),
    plain(
      'GreaterThanEquals',
      by((value, limit) => value >= limit),
    ),
  ];
}

function bool(located: Located, hasVariables: boolean): ValueTest {
  if (/^(?:true|false)$/i.test(located.text)) {
    const wanted = located.text.toLowerCase();
    return (value) => value.toLowerCase() === wanted;
  }
  if (hasVariables && located.text.includes('${')) {
    return equalText((text) => text.toLowerCase())(located, hasVariables);
  }
  throw new PolicyError(located.path, 'expected "true" or "false"');
}

/** The policy holds base64; the request's value counts byte for byte. */
function binary({ text, path }: Located): ValueTest {
  const isBase64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
  if (!isBase64) throw new PolicyError(path, 'expected base64');
  const bytes = Buffer.from(text, 'base64');
  return (value) => bytes.equals(Buffer.from(value));
}
