/** What `Ref` and `Fn::GetAtt` give of resources that no deploy makes, functions among them. */
import { isObject } from '../../resources/read-fields.ts';
import { type Dictionary, own } from '../../resources/record.ts';
import type { Path } from '../problem.ts';
import { kindOf } from '../stack/kinds.ts';
import { didYouMean } from '../suggest.ts';
import { referencesIn } from './deferred.ts';
import { textOf } from './intrinsic.ts';
import { UnknownCondition } from './logic-functions.ts';
import { otherAttribute, otherReference, physicalName } from './physical-names.ts';
import type { Environment } from './pseudo-parameters.ts';
import { problemAt, type Template } from './template.ts';
import type { TemplateScope } from './template-scope.ts';

/** Types that need nothing here, so nobody needs to hear of them. */
export const silentTypes: ReadonlySet<string> = new Set([
  'AWS::CDK::Metadata',
  'AWS::Lambda::Alias',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Version',
]);

/** An API that a template imports from a definition is one too: only HTTP APIs can be imported. */
export function isHttpApi({ ProtocolType, Body, BodyS3Location }: Dictionary<unknown>): boolean {
  const isImported = Body !== undefined || BodyS3Location !== undefined;
  return ProtocolType === 'HTTP' || (ProtocolType === undefined && isImported);
}

export class OtherResources {
  readonly #template: Template;
  readonly #scope: TemplateScope;
  readonly #environment: Environment;
  readonly #open = new Set<string>();

  constructor(template: Template, scope: TemplateScope, environment: Environment) {
    this.#template = template;
    this.#scope = scope;
    this.#environment = environment;
  }

  /** Whether the condition of a resource, if it has one, holds. */
  isThere(logicalId: string): boolean {
    const condition = own(this.#scope.resources[logicalId]!, 'Condition');
    if (typeof condition !== 'string') return true;
    return this.holds(condition, ['Resources', logicalId, 'Condition']);
  }

  holds(condition: string, path: Path): boolean {
    try {
      return this.#scope.condition(condition);
    } catch (error) {
      if (!(error instanceof UnknownCondition)) throw error;
      throw problemAt(this.#template, path, error.message);
    }
  }

  /** `undefined` for what a deploy makes: its id is known only then. */
  reference(logicalId: string, attribute: string | undefined): unknown {
    const resource = own(this.#scope.resources, logicalId);
    const type = isObject(resource) ? textOf(own(resource, 'Type')) : undefined;
    if (type === undefined) return undefined;
    const path = ['Resources', logicalId];
    if (!this.isThere(logicalId)) {
      throw problemAt(this.#template, path, 'is referred to, and left out by its condition');
    }
    const kind = kindOf(type);
    if (kind && !this.#isHttpApi(logicalId)) {
      const known = Object.keys(kind.attributes);
      if (attribute === undefined || known.includes(attribute)) return undefined;
      const hint = didYouMean(attribute, known) || ` (it has ${known.join(', ') || 'none'})`;
      throw problemAt(this.#template, path, `${type} has no attribute ${attribute}${hint}`);
    }
    if (type === 'AWS::Lambda::Version' || type === 'AWS::Lambda::Alias') {
      return this.#qualified(logicalId, type, attribute);
    }
    const other = { logicalId, type, properties: this.#nameProperties(logicalId) };
    const { stackName, region, account } = this.#environment;
    if (type === 'AWS::Lambda::Function') {
      const name = physicalName(other, stackName);
      if (attribute === undefined) return name;
      if (attribute.startsWith('SnapStartResponse')) return `${name}.${attribute}`;
      if (attribute !== 'Arn') {
        const message = `${type} has no attribute ${attribute} (it has Arn)`;
        throw problemAt(this.#template, path, message);
      }
      return `arn:aws:lambda:${region}:${account}:function:${name}`;
    }
    return attribute === undefined
      ? otherReference(other, this.#environment)
      : otherAttribute(other, attribute, this.#environment);
  }

  #isHttpApi(logicalId: string): boolean {
    const properties = own(this.#scope.resources[logicalId]!, 'Properties');
    const ProtocolType = this.#property(logicalId, 'ProtocolType');
    return isHttpApi({ ...(isObject(properties) && properties), ProtocolType });
  }

  /** A version or an alias: the function's ARN with a qualifier. */
  #qualified(logicalId: string, type: string, attribute: string | undefined): string {
    const functionName = textOf(this.#property(logicalId, 'FunctionName')) ?? logicalId;
    const isAlias = type === 'AWS::Lambda::Alias';
    const qualifier = isAlias ? (textOf(this.#property(logicalId, 'Name')) ?? 'alias') : '1';
    if (attribute === 'Version') return qualifier;
    const { region, account } = this.#environment;
    const isArn = functionName.startsWith('arn:');
    const arn = isArn
      ? functionName
      : `arn:aws:lambda:${region}:${account}:function:${functionName}`;
    return `${arn}:${qualifier}`;
  }

  #nameProperties(logicalId: string): Readonly<Record<string, unknown>> {
    const properties = own(this.#scope.resources[logicalId]!, 'Properties');
    if (!isObject(properties)) return {};
    const names = Object.keys(properties).filter((key) => key.endsWith('Name'));
    return Object.fromEntries(names.map((key) => [key, this.#property(logicalId, key)]));
  }

  /** One property of a resource. Names may refer to other names, but not in a circle. */
  #property(logicalId: string, key: string): unknown {
    const properties = own(this.#scope.resources[logicalId]!, 'Properties');
    const node = isObject(properties) ? own(properties, key) : undefined;
    if (node === undefined) return undefined;
    const path = ['Resources', logicalId, 'Properties', key];
    const place = path.join('/');
    if (this.#open.has(place)) throw problemAt(this.#template, path, 'depends on itself');
    this.#open.add(place);
    try {
      const value = this.#scope.evaluator.evaluate(node, path);
      // A name made of an API's id is known too late to be one.
      return referencesIn(value).length > 0 ? undefined : value;
    } finally {
      this.#open.delete(place);
    }
  }
}
