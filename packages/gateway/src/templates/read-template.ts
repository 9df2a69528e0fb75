/**
 * Any kind of template file as CloudFormation templates, one for each stack: the one place that tells
 * the formats apart.
 */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { FunctionSpec } from '../backends/lambda/function-spec.ts';
import { isObject } from '../resources/read-fields.ts';
import type { Dictionary } from '../resources/record.ts';
import { compileAsyncApi } from './asyncapi/compile-asyncapi.ts';
import { MANIFEST, readAssembly } from './cdk/cloud-assembly.ts';
import type { CodeLocator } from './cloudformation/function-resource.ts';
import type { Template } from './cloudformation/template.ts';
import { compilePosternFile } from './compile-postern-file.ts';
import { expandSam, isSam } from './sam/expand-sam.ts';
import { compileService } from './serverless/compile-service.ts';
import { readDotenv } from './serverless/dotenv.ts';
import { Variables } from './serverless/variables.ts';
import { Places } from './source/places.ts';
import { ProjectFiles } from './source/project-files.ts';
import { readTree } from './source/read-tree.ts';
import { TemplateError } from './source/template-error.ts';

const templateFormats = [
  'cloudformation',
  'sam',
  'cdk',
  'serverless',
  'asyncapi',
  'postern',
] as const;
export type TemplateFormat = (typeof templateFormats)[number];

export interface ReadOptions {
  /** For Serverless Framework: `stage`, `region`, and whatever `${opt:…}` names. */
  readonly options: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly account: string;
}

/** A template for one stack. */
export interface TemplateUnit {
  /** As the file names it; made to fit AWS's rule. */
  readonly stackName: string;
  readonly template: Template;
  readonly locateCode?: CodeLocator;
  /** Where the file itself says so. */
  readonly region?: string;
  readonly notes: readonly string[];
  /** Functions the file specifies itself, as `postern.yaml` does. */
  readonly functions?: Readonly<Record<string, FunctionSpec>>;
}

export interface TemplateFile {
  readonly format: TemplateFormat;
  readonly units: readonly TemplateUnit[];
  /** Absolute paths of everything that was read, or looked for: a change of one is a change of the template. */
  readonly paths: readonly string[];
}

/** Throws `TemplateError` for what cannot be read, and for what makes no sense. */
export function readTemplate(path: string, options: ReadOptions): TemplateFile {
  const full = resolve(path);
  if (!existsSync(full)) throw problem(`There is no file ${full}`);
  const assembly = assemblyOf(full);
  const files = new ProjectFiles(assembly ?? projectFolder(full));
  const places = new Places();
  try {
    const read = assembly
      ? { format: 'cdk' as const, units: cdkUnits(files, places, assembly) }
      : readDocument(full, files, places, options);
    return { ...read, paths: files.paths };
  } catch (error) {
    if (error instanceof TemplateError) error.paths = files.paths;
    throw error;
  }
}

/** `cdk.out` itself, or a file in it. */
function assemblyOf(full: string): string | undefined {
  const isFolder = statSync(full).isDirectory();
  const folder = isFolder ? full : dirname(full);
  const name = basename(full);
  const isPart = isFolder || name === MANIFEST || name.endsWith('.template.json');
  if (isPart && existsSync(join(folder, MANIFEST))) return folder;
  if (isFolder) throw problem(`${full} is a folder, and no cdk.out: name the file in it`);
  return undefined;
}

/** A packaged template lies in `.serverless`, and the code one above. */
function projectFolder(full: string): string {
  const folder = dirname(full);
  return basename(folder) === '.serverless' ? dirname(folder) : folder;
}

function cdkUnits(files: ProjectFiles, places: Places, folder: string): TemplateUnit[] {
  return readAssembly(files, places, folder).map((stack) => ({
    ...stack,
    stackName: stackNameFrom(stack.stackName),
    notes: [],
  }));
}

function readDocument(
  full: string,
  files: ProjectFiles,
  places: Places,
  options: ReadOptions,
): Omit<TemplateFile, 'paths'> {
  const text = files.read(full) ?? '';
  const file = files.nameOf(full);
  const document = readTree(text, { file, places, hasShortTags: true });
  if (!isObject(document)) throw problem(`${file} must be a mapping`);
  const { folder } = files;
  const template: Template = { document, places, folder };
  const format = formatOf(document, file);
  const fromName = stackNameFrom(defaultStackName(full));
  switch (format) {
    case 'serverless':
      return { format, units: [serverlessUnit(template, files, options)] };
    case 'asyncapi':
      return { format, units: [compileAsyncApi(template, fromName)] };
    case 'postern':
      return {
        format,
        units: [{ stackName: fromName, notes: [], ...compilePosternFile(template) }],
      };
    case 'sam':
      return { format, units: [{ stackName: fromName, template: expandSam(template), notes: [] }] };
    default: {
      const isPackaged = basename(dirname(full)) === '.serverless';
      // `serverless package` uploads one archive of the project, and it is here.
      const locateCode: CodeLocator = (_, key) =>
        key.startsWith('serverless/') && !key.endsWith('custom-resources.zip') ? folder : undefined;
      const unit = { stackName: fromName, template, notes: [], ...(isPackaged && { locateCode }) };
      return { format, units: [unit] };
    }
  }
}

function formatOf(document: Dictionary<unknown>, file: string): TemplateFormat {
  const has = (key: string) => Object.hasOwn(document, key);
  if (has('asyncapi')) return 'asyncapi';
  if (has('service') && has('provider')) return 'serverless';
  if (has('Resources') || has('AWSTemplateFormatVersion') || has('Transform')) {
    return isSam({ document, places: new Places(), folder: '' }) ? 'sam' : 'cloudformation';
  }
  if (has('apis')) return 'postern';
  throw problem(
    `${file} is no template: expected Resources (CloudFormation, SAM), service and provider ` +
      '(Serverless Framework), asyncapi, or apis (postern.yaml)',
  );
}

function serverlessUnit(
  template: Template,
  files: ProjectFiles,
  { options, env, account }: ReadOptions,
): TemplateUnit {
  const { document, places } = template;
  const given = { root: document, places, files, options, account };
  const stage = new Variables({ ...given, env }).stage();
  const own = document.useDotenv === true ? readDotenv(files, stage) : {};
  const variables = new Variables({ ...given, env: { ...own, ...env } });
  const region = options.region ?? variables.resolveAt('provider', 'region');
  const source = { ...template, document: variables.resolveAll() };
  const compiled = compileService(source, stage);
  return {
    ...compiled,
    stackName: stackNameFrom(compiled.stackName),
    ...(typeof region === 'string' && { region }),
  };
}

/** The file's own name, or its folder's where everybody's file is called that. */
function defaultStackName(full: string): string {
  const name = basename(full).replace(/(?:\.template)?\.(?:ya?ml|json|template)$/i, '');
  const folder = dirname(full);
  if (basename(folder) === '.serverless') return basename(dirname(folder));
  // `.aws-sam/build/template.yaml` belongs to the project two folders up.
  if (folder.endsWith(join('.aws-sam', 'build'))) return basename(dirname(dirname(folder)));
  return /^(?:template|serverless|postern|asyncapi|cloudformation.*)$/i.test(name)
    ? basename(folder)
    : name;
}

/** Letters, digits and hyphens, a letter first: AWS's rule for the names of stacks. */
function stackNameFrom(text: string): string {
  const plain = text.replace(/[^A-Za-z0-9]+/g, '-').replace(/^[^A-Za-z]+|-+$/g, '');
  return plain.slice(0, 128) || 'stack';
}

function problem(message: string): TemplateError {
  return new TemplateError([{ message }]);
}
