/**
 * A CloudFormation template as the list of resources to make: conditions decided, intrinsics worked out,
 * every problem found that can be found before the first call.
 */
import { isObject } from '../../resources/read-fields.ts';
import { own } from '../../resources/record.ts';
import type { Path } from '../problem.ts';
import { templateLimits } from '../source/limits.ts';
import { collectProblems, type TemplateError } from '../source/template-error.ts';
import { dependencyOrder } from '../stack/dependency-order.ts';
import { kindOf, rankOf } from '../stack/kinds.ts';
import type {
  SkippedResource,
  StackOutput,
  StackResource,
  StackTemplate,
  TemplateFunction,
} from '../stack/stack-template.ts';
import { wireProperties } from '../stack/wire-properties.ts';
import { didYouMean } from '../suggest.ts';
import { referencesIn } from './deferred.ts';
import { type CodeLocator, templateFunction } from './function-resource.ts';
import { NO_VALUE, textOf } from './intrinsic.ts';
import { leftOutOfFunction, leftOutOfProperties, leftOutOfTemplate, slipOf } from './left-out.ts';
import { isHttpApi, OtherResources, silentTypes } from './other-resources.ts';
import { placeText, problemAt, type Template } from './template.ts';
import { type ScopeOptions, TemplateScope } from './template-scope.ts';
import { assertUniqueKeys } from './unique-keys.ts';

export interface LoadOptions extends ScopeOptions {
  readonly locateCode?: CodeLocator;
}

/** Throws `TemplateError` with everything that is wrong. */
export function loadTemplate(template: Template, options: LoadOptions): StackTemplate {
  return new Loader(template, options).load();
}

class Loader {
  readonly #template: Template;
  readonly #options: LoadOptions;
  readonly #scope: TemplateScope;
  readonly #others: OtherResources;
  readonly #resources: StackResource[] = [];
  readonly #functions: TemplateFunction[] = [];
  readonly #skipped: SkippedResource[] = [];
  readonly #notes: string[] = [];

  constructor(template: Template, options: LoadOptions) {
    this.#template = template;
    this.#options = options;
    this.#scope = new TemplateScope(template, options);
    this.#others = new OtherResources(template, this.#scope, options.environment);
    this.#scope.resolveStatically((id, attribute) => this.#others.reference(id, attribute));
  }

  load(): StackTemplate {
    const entries = Object.entries(this.#scope.resources);
    if (entries.length === 0)
      throw problemAt(this.#template, [], 'there is nothing under Resources');
    if (entries.length > templateLimits.resourcesMax) {
      throw problemAt(this.#template, ['Resources'], `more than ${templateLimits.resourcesMax}`);
    }
    this.#notes.push(...leftOutOfTemplate(this.#template, Object.keys(this.#options.parameters)));
    collectProblems(entries, ([logicalId, resource]) => this.#read(logicalId, resource));
    this.#dropChildrenOfSkipped();
    assertUniqueKeys(this.#resources);
    return {
      resources: this.#inOrder(),
      skipped: this.#skipped,
      functions: this.#functions,
      outputs: this.#outputs(),
      notes: this.#notes,
    };
  }

  #read(logicalId: string, resource: unknown): void {
    const path = ['Resources', logicalId];
    if (!isObject(resource)) throw this.#problem(path, 'must be a mapping');
    const type = own(resource, 'Type');
    if (typeof type !== 'string') throw this.#problem(path, 'Type is missing');
    if (!this.#others.isThere(logicalId)) return;
    const kind = kindOf(type);
    const properties = this.#evaluate(own(resource, 'Properties') ?? {}, [...path, 'Properties']);
    if (!isObject(properties)) throw this.#problem([...path, 'Properties'], 'must be a mapping');
    if (kind || type === 'AWS::Lambda::Function') {
      this.#notes.push(...leftOutOfProperties(this.#template, logicalId, properties));
    }
    if (type === 'AWS::Lambda::Function') {
      const { locateCode } = this.#options;
      const { folder } = this.#template;
      const name = this.#others.reference(logicalId, undefined) as string;
      const rest = locateCode ? { locateCode } : {};
      this.#notes.push(...leftOutOfFunction(name, properties));
      this.#functions.push(templateFunction({ logicalId, name, properties, folder, ...rest }));
    } else if (!kind) {
      if (silentTypes.has(type)) return;
      const reason = slipOf(type);
      this.#skipped.push({ logicalId, type, ...(reason !== undefined && { reason }) });
    } else if (type === 'AWS::ApiGatewayV2::Api' && isHttpApi(properties)) {
      this.#skipped.push({ logicalId, type, reason: 'it is an HTTP API' });
    } else {
      const fail = (below: Path, message: string) =>
        this.#problem(below.length > 0 ? [...path, 'Properties', ...below] : path, message);
      wireProperties(kind, properties, fail);
      this.#resources.push({
        logicalId,
        kind,
        properties,
        dependsOn: [
          ...referencesIn(properties).map((reference) => reference.logicalId),
          ...this.#dependsOn(logicalId, own(resource, 'DependsOn')),
        ],
        isRetained: /^Retain/.test(textOf(own(resource, 'DeletionPolicy')) ?? ''),
        place: placeText(this.#template, path),
        fail,
      });
    }
  }

  #dependsOn(logicalId: string, written: unknown): string[] {
    const ids: unknown[] =
      written === undefined ? [] : Array.isArray(written) ? written : [written];
    return ids.map((id, index) => {
      if (typeof id === 'string' && own(this.#scope.resources, id)) return id;
      const path = [
        'Resources',
        logicalId,
        'DependsOn',
        ...(Array.isArray(written) ? [index] : []),
      ];
      const hint = didYouMean(String(id), Object.keys(this.#scope.resources));
      throw this.#problem(path, `there is no resource ${id}${hint}`);
    });
  }

  /** What lives in an API that is not made is not made either. */
  #dropChildrenOfSkipped(): void {
    const skipped = new Map(this.#skipped.map((one) => [one.logicalId, one]));
    const staying: StackResource[] = [];
    for (const resource of this.#resources) {
      const { logicalId, kind } = resource;
      const parent = skipped.get(this.#parentOf(logicalId));
      if (!parent) staying.push(resource);
      else {
        const reason = `${parent.logicalId} is not made here`;
        this.#skipped.push({ logicalId, type: kind.type, reason });
      }
    }
    this.#resources.splice(0, Infinity, ...staying);
  }

  /** The API it says it belongs to, where that is a plain reference. */
  #parentOf(logicalId: string): string {
    const written = own(this.#scope.resources[logicalId]!, 'Properties');
    const reference = isObject(written) ? own(written, 'ApiId') : undefined;
    return (isObject(reference) && textOf(own(reference, 'Ref'))) || '';
  }

  #inOrder(): readonly StackResource[] {
    const ranked = [...this.#resources].sort((one, other) => rankOf(one.kind) - rankOf(other.kind));
    const complete = ranked.map((resource) => withStageOf(resource, ranked));
    const result = dependencyOrder(complete);
    if ('order' in result) return result.order;
    const [first = ''] = result.cycle;
    const path = ['Resources', first];
    throw this.#problem(path, `depends on itself: ${result.cycle.join(' → ')}`);
  }

  #outputs(): StackOutput[] {
    return Object.entries(this.#scope.section('Outputs')).flatMap(([name, output]) => {
      const path = ['Outputs', name];
      if (!isObject(output)) throw this.#problem(path, 'must be a mapping');
      const condition = own(output, 'Condition');
      if (typeof condition === 'string' && !this.#others.holds(condition, path)) return [];
      const value = this.#evaluate(own(output, 'Value') ?? '', [...path, 'Value']);
      if (value === NO_VALUE) return [];
      const description = textOf(own(output, 'Description'));
      const named = own(output, 'Export');
      const exportName = isObject(named)
        ? textOf(this.#evaluate(own(named, 'Name') ?? '', [...path, 'Export', 'Name']))
        : undefined;
      return [
        {
          name,
          value,
          ...(description !== undefined && { description }),
          ...(exportName !== undefined && { exportName }),
        },
      ];
    });
  }

  #evaluate(node: unknown, path: Path): unknown {
    return this.#scope.evaluator.evaluate(node, path);
  }

  #problem(path: Path, message: string): TemplateError {
    return problemAt(this.#template, path, message);
  }
}

/** A deployment that names a stage comes after it: it moves the stage, and makes none. */
function withStageOf(resource: StackResource, all: readonly StackResource[]): StackResource {
  const { kind, properties, logicalId, dependsOn } = resource;
  const { StageName } = properties;
  if (kind.noun !== 'Deployment' || StageName === undefined) return resource;
  const stages = all.filter(
    (other) => other.kind.noun === 'Stage' && !other.dependsOn.includes(logicalId),
  );
  const named = stages.filter((stage) => {
    const isReferred = referencesIn([StageName]).some(
      ({ logicalId: id }) => id === stage.logicalId,
    );
    return isReferred || stage.properties.StageName === StageName;
  });
  return { ...resource, dependsOn: [...dependsOn, ...named.map((stage) => stage.logicalId)] };
}
