import { isObject } from '../../resources/read-fields.ts';
import { type Dictionary, own } from '../../resources/record.ts';
import { type Path, pathText } from '../problem.ts';
import type { Places } from '../source/places.ts';
import { TemplateError } from '../source/template-error.ts';

/**
 * A CloudFormation document, and where its parts were written. Every other kind of template becomes
 * one of these before anything is made of it.
 */
export interface Template {
  readonly document: Dictionary<unknown>;
  readonly places: Places;
  /** Where relative paths of the document begin. */
  readonly folder: string;
  /** Of resources that were made of something else in the file. */
  readonly origins?: Origins;
}

/** What resources were made of: paths in the document as it was written, by logical id. */
export interface Origins {
  readonly document: unknown;
  readonly paths: Dictionary<Path>;
}

/** A problem with the value at `path`, told where its author wrote it. */
export function problemAt(template: Template, path: Path, message: string): TemplateError {
  const { path: written, place } = writtenAt(template, path);
  return new TemplateError([{ message, path: written, place }]);
}

/** `template.yaml:12:3: Resources.Chat` */
export function placeText(template: Template, path: Path): string {
  const { path: written, place } = writtenAt(template, path);
  const where = place ? `${place.file}:${place.line}:${place.column}: ` : '';
  return `${where}${pathText(written)}`;
}

function writtenAt({ document, places, origins }: Template, path: Path) {
  const [section, logicalId, ...rest] = path;
  const origin = section === 'Resources' ? own(origins?.paths ?? {}, String(logicalId)) : undefined;
  if (!origin) return { path, place: places.at(document, path) };
  const below = rest.filter((key, index) => index > 0 || key !== 'Properties');
  return { path: [...origin, ...below], place: places.at(origins!.document, origin) };
}

/** A section such as `Resources`: a mapping of names to mappings, or nothing. Throws otherwise. */
export function sectionOf(template: Template, name: string): Dictionary<Dictionary<unknown>> {
  const section = own(template.document, name);
  if (section === undefined) return {};
  if (!isObject(section)) throw problemAt(template, [name], 'must be a mapping');
  for (const [key, entry] of Object.entries(section)) {
    if (!isObject(entry)) throw problemAt(template, [name, key], 'must be a mapping');
  }
  return section as Dictionary<Dictionary<unknown>>;
}
