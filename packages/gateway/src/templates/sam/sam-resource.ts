import type { Dictionary } from '../../resources/record.ts';
import type { Path } from '../problem.ts';

/** A resource of a SAM template, its globals filled in. */
export interface SamResource {
  readonly logicalId: string;
  readonly properties: Dictionary<unknown>;
  /** `Condition`, `DependsOn`, `DeletionPolicy`. */
  readonly attributes: Dictionary<unknown>;
  /** `path` begins at the resource. */
  fail(path: Path, message: string): Error;
}

/** What SAM makes of one resource. */
export interface Expansion {
  /** By logical id. */
  readonly resources: Dictionary<unknown>;
  /** What `!Ref Id.Name` names among them: `Stage` → its logical id. */
  readonly referable: Dictionary<string>;
  /** Which part of the resource each was made of: paths that begin at it. Default: all of it. */
  readonly origins?: Dictionary<Path>;
}

/** The entries that say something. */
export function given(entries: Dictionary<unknown>): Dictionary<unknown> {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}
