import type { Dictionary } from '../../resources/record.ts';
import { own } from '../../resources/record.ts';
import { didYouMean } from '../suggest.ts';
import type { Evaluator } from './evaluator.ts';
import { UnknownCondition } from './logic-functions.ts';
import { problemAt, type Template } from './template.ts';

/** The section `Conditions`: each is worked out once, when something first asks for it. */
export class Conditions {
  readonly #template: Template;
  readonly #section: Dictionary<unknown>;
  readonly #known = new Map<string, boolean | 'open'>();
  readonly #evaluator: () => Evaluator;

  constructor(template: Template, section: Dictionary<unknown>, evaluator: () => Evaluator) {
    this.#template = template;
    this.#section = section;
    this.#evaluator = evaluator;
  }

  /** Throws `UnknownCondition`, or a `TemplateError` for one that is none. */
  holds(name: string): boolean {
    const known = this.#known.get(name);
    const path = ['Conditions', name];
    if (known === 'open') throw problemAt(this.#template, path, 'depends on itself');
    if (known !== undefined) return known;
    const node = own(this.#section, name);
    if (node === undefined) {
      const hint = didYouMean(name, Object.keys(this.#section));
      throw new UnknownCondition(`there is no condition ${name}${hint}`);
    }
    this.#known.set(name, 'open');
    const value = this.#evaluator().evaluateCondition(node, path);
    if (typeof value !== 'boolean') {
      throw problemAt(this.#template, path, 'must be Fn::Equals, Fn::And, Fn::Or or Fn::Not');
    }
    this.#known.set(name, value);
    return value;
  }
}
