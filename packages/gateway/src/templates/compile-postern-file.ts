import type { FunctionSpec } from '../backends/lambda/function-spec.ts';
import { own } from '../resources/record.ts';
import { problemAt, type Template } from './cloudformation/template.ts';
import { type CompiledResource, compileApi } from './compile-api.ts';
import { type PosternApi, posternFile } from './postern-file.ts';
import { type PosternEntries, posternShape } from './postern-yaml.ts';
import { type Path, problemsOf, strict } from './problem.ts';
import { TemplateError } from './source/template-error.ts';

export interface CompiledFile {
  readonly template: Template;
  readonly functions: Readonly<Record<string, FunctionSpec>>;
}

/**
 * The APIs and functions of a `postern.yaml` as a CloudFormation template. Settings and users are the
 * gateway's own affair, and are passed over. Throws `TemplateError`.
 */
export function compilePosternFile(source: Template): CompiledFile {
  const { document, places } = source;
  const { apis, functions } = document;
  const written = {
    ...(apis !== undefined && { apis }),
    ...(functions !== undefined && { functions }),
  };
  const result = strict(posternShape).safeParse(written);
  if (!result.success) {
    const problems = problemsOf(result.error, written);
    throw new TemplateError(
      problems.map((problem) => ({ ...problem, place: places.at(document, problem.path) })),
    );
  }
  const file = posternFile(result.data as PosternEntries);
  return { template: compileApis(file.apis, source), functions: file.functions };
}

/**
 * The template of these APIs. Problems lead to where they are written in `source`: there, or where
 * `originOf` says that such a path of a `postern.yaml` comes from.
 */
export function compileApis(
  apis: readonly PosternApi[],
  source: Template,
  originOf: (path: Path) => Path = (path) => path,
  prefixOf?: (api: PosternApi) => string,
): Template {
  const resources: Record<string, CompiledResource> = {};
  const paths: Record<string, Path> = {};
  for (const api of apis) {
    const compiled = compileApi(api, prefixOf?.(api));
    for (const [id, resource] of Object.entries(compiled.resources)) {
      const path = ['apis', api.name];
      if (Object.hasOwn(resources, id)) {
        throw problemAt(
          source,
          path,
          'its name and that of another API come to the same: rename it',
        );
      }
      resources[id] = resource;
      paths[id] = originOf([...path, ...(own(compiled.paths, id) ?? [])]);
    }
  }
  const origins = { document: source.document, paths };
  return { ...source, document: { Resources: resources }, origins };
}
