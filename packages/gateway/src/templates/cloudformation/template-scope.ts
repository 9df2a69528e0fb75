/** Everything the intrinsics of one template may ask about it. */
import { isObject } from '../../resources/read-fields.ts';
import { type Dictionary, own } from '../../resources/record.ts';
import { didYouMean } from '../suggest.ts';
import { Conditions } from './conditions.ts';
import { deferredReference } from './deferred.ts';
import { Evaluator } from './evaluator.ts';
import { expandLoops } from './for-each.ts';
import type { MappingAnswer, Scope } from './intrinsic.ts';
import { type GivenParameters, parameterValues } from './parameters.ts';
import { type Environment, pseudoParameters } from './pseudo-parameters.ts';
import { problemAt, sectionOf, type Template } from './template.ts';

export interface ScopeOptions {
  readonly environment: Environment;
  readonly parameters: GivenParameters;
  /** Of other stacks. */
  readonly exports: Dictionary<unknown>;
}

/** A reference that is not made by a deploy: its value, or `undefined` when a deploy makes it. */
export type StaticReference = (logicalId: string, attribute: string | undefined) => unknown;

export class TemplateScope implements Scope {
  readonly evaluator: Evaluator;
  /** The section `Resources`, loops written out. */
  readonly resources: Dictionary<Dictionary<unknown>> = {};
  readonly conditions: Conditions;
  readonly region: string;
  readonly #template: Template;
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #mappings: Dictionary<unknown>;
  readonly #exports: Dictionary<unknown>;
  #staticReference: StaticReference = () => undefined;

  constructor(template: Template, options: ScopeOptions) {
    const { environment, parameters, exports } = options;
    this.#template = template;
    this.region = environment.region;
    this.#values = new Map([
      ...pseudoParameters(environment),
      ...parameterValues(template, parameters),
    ]);
    this.#mappings = sectionOf(template, 'Mappings');
    this.#exports = exports;
    this.evaluator = new Evaluator(template, this);
    this.conditions = new Conditions(template, this.section('Conditions'), () => this.evaluator);
    this.resources = this.section('Resources') as Dictionary<Dictionary<unknown>>;
  }

  /** Says what references to resources stand for that no deploy makes. */
  resolveStatically(reference: StaticReference): void {
    this.#staticReference = reference;
  }

  /** A section with its loops written out; its entries are mappings where AWS's are. */
  section(name: string): Dictionary<unknown> {
    const section = own(this.#template.document, name) ?? {};
    if (!isObject(section)) throw problemAt(this.#template, [name], 'must be a mapping');
    return expandLoops(this.#template, section, [name], (node, path) =>
      this.evaluator.evaluate(node, path),
    );
  }

  get names(): readonly string[] {
    return [...this.#values.keys(), ...Object.keys(this.resources)];
  }

  parameter(name: string): unknown {
    return this.#values.get(name);
  }

  reference(logicalId: string, attribute: string | undefined): unknown {
    if (own(this.resources, logicalId) === undefined) return undefined;
    const value = this.#staticReference(logicalId, attribute);
    if (value !== undefined) return value;
    return deferredReference({ logicalId, ...(attribute !== undefined && { attribute }) });
  }

  condition(name: string): boolean {
    return this.conditions.holds(name);
  }

  mapping(map: string, top: string, second: string): MappingAnswer {
    const first = own(this.#mappings, map);
    if (!isObject(first)) {
      return {
        missing: `there is no mapping ${map}${didYouMean(map, Object.keys(this.#mappings))}`,
      };
    }
    const entry = own(first, top);
    if (!isObject(entry)) {
      return { missing: `${map} has no key ${top}${didYouMean(top, Object.keys(first))}` };
    }
    const value = own(entry, second);
    if (value !== undefined) return { value };
    const hint = didYouMean(second, Object.keys(entry));
    return { missing: `${map}.${top} has no key ${second}${hint}` };
  }

  importValue(name: string): unknown {
    return own(this.#exports, name);
  }
}
