/**
 * What `cdk synth` leaves in `cdk.out`: a manifest, a CloudFormation template for each stack, and assets,
 * among them the code of functions.
 */
import { join } from 'node:path';
import { isObject } from '../../resources/read-fields.ts';
import { type Dictionary, own } from '../../resources/record.ts';
import type { CodeLocator } from '../cloudformation/function-resource.ts';
import type { Template } from '../cloudformation/template.ts';
import type { Places } from '../source/places.ts';
import type { ProjectFiles } from '../source/project-files.ts';
import { readTree } from '../source/read-tree.ts';
import { TemplateError } from '../source/template-error.ts';
import { dependencyOrder } from '../stack/dependency-order.ts';

export interface AssemblyStack {
  readonly stackName: string;
  readonly template: Template;
  readonly locateCode: CodeLocator;
}

export const MANIFEST = 'manifest.json';
const ASSEMBLIES_DEPTH_MAX = 5;

/** Every stack below `folder`, in the order in which they can be deployed. */
export function readAssembly(
  files: ProjectFiles,
  places: Places,
  folder: string,
  depth = 0,
): readonly AssemblyStack[] {
  const path = join(folder, MANIFEST);
  const artifacts = Object.entries(artifactsOf(readJson(files, places, path), path));
  const ordered = dependencyOrder(
    artifacts.map(([logicalId, artifact]) => ({
      logicalId,
      artifact,
      dependsOn: textsOf(artifact.dependencies),
    })),
  );
  if ('cycle' in ordered)
    throw problem(path, `stacks need each other: ${ordered.cycle.join(' → ')}`);
  return ordered.order.flatMap(({ logicalId, artifact }) => {
    const properties = isObject(artifact.properties) ? artifact.properties : {};
    if (artifact.type === 'cdk:cloud-assembly' && depth < ASSEMBLIES_DEPTH_MAX) {
      const below = join(folder, String(properties.directoryName));
      return readAssembly(files, places, below, depth + 1);
    }
    if (artifact.type !== 'aws:cloudformation:stack') return [];
    const { stackName = logicalId, templateFile } = properties;
    const templatePath = join(folder, String(templateFile));
    const document = readJson(files, places, templatePath);
    return [
      {
        stackName: String(stackName),
        template: { document, places, folder },
        locateCode: assetLocator(files, places, folder, textsOf(artifact.dependencies)),
      },
    ];
  });
}

/** Finds an asset by the key it would be uploaded under. */
function assetLocator(
  files: ProjectFiles,
  places: Places,
  folder: string,
  dependencies: readonly string[],
): CodeLocator {
  const found = new Map<string, string>();
  for (const name of dependencies.filter((each) => each.endsWith('.assets'))) {
    const path = join(folder, `${name}.json`);
    if (files.read(path) === undefined) continue;
    const assets = readJson(files, places, path).files;
    for (const asset of isObject(assets) ? Object.values(assets) : []) {
      if (!isObject(asset) || !isObject(asset.source) || !isObject(asset.destinations)) continue;
      for (const destination of Object.values(asset.destinations)) {
        if (!isObject(destination)) continue;
        found.set(String(destination.objectKey), join(folder, String(asset.source.path)));
      }
    }
  }
  return (_, key) => found.get(key);
}

function artifactsOf(manifest: Dictionary<unknown>, path: string): Dictionary<Dictionary<unknown>> {
  const artifacts = own(manifest, 'artifacts');
  if (!isObject(artifacts)) throw problem(path, 'is no manifest of a cloud assembly');
  return artifacts as Dictionary<Dictionary<unknown>>;
}

function readJson(files: ProjectFiles, places: Places, path: string): Dictionary<unknown> {
  const text = files.read(path);
  if (text === undefined) throw problem(path, 'is not there');
  const value = readTree(text, { file: files.nameOf(path), places });
  if (!isObject(value)) throw problem(path, 'must be a mapping');
  return value;
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

function problem(path: string, message: string): TemplateError {
  return new TemplateError([{ message: `${path} ${message}` }]);
}
