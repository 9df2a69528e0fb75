/** A `serverless.yml` as the CloudFormation template that Serverless Framework would package. */
import { isObject } from '../../resources/read-fields.ts';
import { type Dictionary, own } from '../../resources/record.ts';
import { leftOutOfFunction } from '../cloudformation/left-out.ts';
import type { Template } from '../cloudformation/template.ts';
import type { Path } from '../problem.ts';
import { didYouMean } from '../suggest.ts';
import { compileFunctions } from './functions.ts';
import { readService, type Service } from './service.ts';
import { compileWebsockets, originsOf, websocketOutputs } from './websockets.ts';

export interface CompiledService {
  readonly template: Template;
  readonly stackName: string;
  /** Events nothing here serves, in sentences. */
  readonly notes: readonly string[];
}

const SECTIONS = ['Parameters', 'Mappings', 'Conditions', 'Resources', 'Outputs'];

/** `source`: the configuration, its variables worked out. Throws `TemplateError`. */
export function compileService(source: Template, stage: string): CompiledService {
  const service = readService(source, stage);
  const compiled = { ...compileFunctions(service), ...compileWebsockets(service) };
  const outputs = websocketOutputs(service);
  const document: Record<string, unknown> = {
    Resources: compiled,
    ...(Object.keys(outputs).length > 0 && { Outputs: outputs }),
  };
  for (const [part, path] of resourceParts(source.document)) {
    addPart(source, service, document, part, path);
  }
  source.places.copy(document, source.document);
  source.places.copy(document.Resources as object, source.document);
  const stackName = own(service.provider, 'stackName');
  return {
    template: {
      ...source,
      document,
      origins: { document: source.document, paths: originsOf(service) },
    },
    stackName: typeof stackName === 'string' ? stackName : `${service.name}-${stage}`,
    notes: service.functions.flatMap(({ key, otherEvents, properties }) => [
      ...otherEvents.map((kind) => `functions.${key}: ${kind} events are not served here`),
      ...leftOutOfFunction(`functions.${key}`, {
        Layers: own(properties, 'layers') ?? own(service.provider, 'layers'),
      }),
    ]),
  };
}

/** `resources`: a mapping, or a list of such. */
function resourceParts({ resources }: Dictionary<unknown>): readonly (readonly [unknown, Path])[] {
  if (resources === undefined || resources === null) return [];
  if (!Array.isArray(resources)) return [[resources, ['resources']]];
  return resources.map((part, index) => [part, ['resources', index]] as const);
}

function addPart(
  { places }: Template,
  { fail }: Service,
  document: Record<string, unknown>,
  part: unknown,
  path: Path,
): void {
  if (part === null) return;
  if (!isObject(part)) throw fail(path, 'must be a mapping');
  for (const section of SECTIONS) {
    const written = own(part, section);
    if (written === undefined || written === null) continue;
    if (!isObject(written)) throw fail([...path, section], 'must be a mapping');
    const merged = merge(document[section] ?? {}, written) as Dictionary<unknown>;
    for (const [id, entry] of Object.entries(written)) {
      if (isObject(entry) && isObject(merged[id])) places.copy(merged[id], entry);
    }
    document[section] = merged;
  }
  const extensions = own(part, 'extensions');
  if (extensions === undefined || extensions === null) return;
  if (!isObject(extensions)) throw fail([...path, 'extensions'], 'must be a mapping');
  const resources = document.Resources as Record<string, unknown>;
  for (const [id, extension] of Object.entries(extensions)) {
    if (!Object.hasOwn(resources, id)) {
      const hint = didYouMean(id, Object.keys(resources));
      throw fail([...path, 'extensions', id], `there is no resource ${id}${hint}`);
    }
    resources[id] = merge(resources[id], extension);
  }
}

/** Mappings are merged, lists joined, anything else is what the later one says. */
function merge(one: unknown, other: unknown): unknown {
  if (Array.isArray(one) && Array.isArray(other)) return [...one, ...other];
  if (!isObject(one) || !isObject(other)) return other;
  const merged: Record<string, unknown> = { ...one };
  for (const [key, value] of Object.entries(other)) {
    merged[key] = Object.hasOwn(one, key) ? merge(one[key], value) : value;
  }
  return merged;
}
