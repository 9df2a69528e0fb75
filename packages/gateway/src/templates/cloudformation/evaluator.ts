/**
 * The value of a part of a template: its intrinsic functions worked out, as far as they can be before
 * resources exist.
 */
import { isObject } from '../../resources/read-fields.ts';
import { type Path, pathText } from '../problem.ts';
import { templateLimits } from '../source/limits.ts';
import { didYouMean } from '../suggest.ts';
import { cidr } from './cidr.ts';
import { type Intrinsic, NO_VALUE, type Scope } from './intrinsic.ts';
import { and, choose, condition, equals, not, or } from './logic-functions.ts';
import { findInMap, getAtt, getAZs, importValue, ref } from './lookup-functions.ts';
import { problemAt, type Template } from './template.ts';
import { base64, join, length, select, split, sub, toJsonString } from './text-functions.ts';

const functions: ReadonlyMap<string, Intrinsic> = new Map([
  ['Ref', ref],
  ['Fn::And', and],
  ['Fn::Base64', base64],
  ['Fn::Cidr', cidr],
  ['Fn::Equals', equals],
  ['Fn::FindInMap', findInMap],
  ['Fn::GetAtt', getAtt],
  ['Fn::GetAZs', getAZs],
  ['Fn::If', choose],
  ['Fn::ImportValue', importValue],
  ['Fn::Join', join],
  ['Fn::Length', length],
  ['Fn::Not', not],
  ['Fn::Or', or],
  ['Fn::Select', select],
  ['Fn::Split', split],
  ['Fn::Sub', sub],
  ['Fn::ToJsonString', toJsonString],
]);

const intrinsicNames = [...functions.keys()];

export class Evaluator {
  readonly #template: Template;
  readonly #scope: Scope;
  #steps = 0;

  constructor(template: Template, scope: Scope) {
    this.#template = template;
    this.#scope = scope;
  }

  /** The value of `node`, which stands at `path`. `NO_VALUE` when it is to be left out. */
  evaluate(node: unknown, path: Path): unknown {
    this.#assertBounds(path);
    if (Array.isArray(node)) {
      const items = node.map((item, index) => this.evaluate(item, [...path, index]));
      return items.filter((item) => item !== NO_VALUE);
    }
    if (node === null)
      throw this.#problem(path, 'nothing is written here: CloudFormation has no null');
    if (!isObject(node)) return node;
    const name = this.#intrinsicIn(node, path);
    if (name !== undefined) return this.#call(name, node[name], [...path, name]);
    const entries = Object.entries(node).map(
      ([key, value]) => [key, this.evaluate(value, [...path, key])] as const,
    );
    return Object.fromEntries(entries.filter(([, value]) => value !== NO_VALUE));
  }

  /** A part of the section `Conditions`, where `{ "Condition": name }` is a reference. */
  evaluateCondition(node: unknown, path: Path): unknown {
    const isReference = isObject(node) && Object.keys(node).length === 1 && 'Condition' in node;
    if (!isReference) return this.evaluate(node, path);
    return this.#run('Condition', condition, node.Condition, [...path, 'Condition']);
  }

  #intrinsicIn(node: Readonly<Record<string, unknown>>, path: Path): string | undefined {
    const keys = Object.keys(node);
    const name = keys.find((key) => key.startsWith('Fn::'));
    if (name !== undefined && keys.length > 1) {
      throw this.#problem([...path, name], `${name} cannot have neighbours: ${keys.join(', ')}`);
    }
    return name ?? (keys.length === 1 && keys[0] === 'Ref' ? 'Ref' : undefined);
  }

  #call(name: string, argument: unknown, path: Path): unknown {
    const intrinsic = functions.get(name);
    if (intrinsic) return this.#run(name, intrinsic, argument, path);
    const hint = didYouMean(name, intrinsicNames);
    throw this.#problem(path, `unknown intrinsic function ${name}${hint}`);
  }

  #run(name: string, intrinsic: Intrinsic, argument: unknown, path: Path): unknown {
    // Inside And, Or and Not, conditions are named as they are in the section `Conditions`.
    const isLogic = name === 'Fn::And' || name === 'Fn::Or' || name === 'Fn::Not';
    return intrinsic({
      name,
      argument,
      path,
      scope: this.#scope,
      evaluate: (node, ...keys) =>
        isLogic
          ? this.evaluateCondition(node, [...path, ...keys])
          : this.evaluate(node, [...path, ...keys]),
      fail: (message, ...keys) => this.#problem([...path, ...keys], message),
    });
  }

  #assertBounds(path: Path): void {
    if (path.length > templateLimits.depthMax) {
      throw this.#problem(path.slice(0, 8), `nested deeper than ${templateLimits.depthMax} levels`);
    }
    if (++this.#steps <= templateLimits.stepsMax) return;
    throw this.#problem(
      [],
      `more than ${templateLimits.stepsMax} values to work out (at ${pathText(path)})`,
    );
  }

  #problem(path: Path, message: string): Error {
    return problemAt(this.#template, path, message);
  }
}
