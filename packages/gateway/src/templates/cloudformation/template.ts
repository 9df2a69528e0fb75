import { isObject } from '../../resources/read-fields.ts';
import { type Dictionary, own } from '../../resources/record.ts';
import type { Path } from '../problem.ts';
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
}

export function problemAt({ document, places }: Template, path: Path, message: string) {
  return new TemplateError([{ message, path, place: places.at(document, path) }]);
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
