import { limits } from '../wire/limits.ts';
import type { MapRule } from './field.ts';

/** Tags of an API or a stage. Keys that start with `aws:` are Amazon's own. */
export const tagsRule = {
  kind: 'map',
  key: {
    kind: 'text',
    lengthMin: 1,
    lengthMax: 128,
    matches: /^(?!aws:)[\p{L}\p{N}\p{Zs}_.:/=+\-@]+$/u,
    otherwise: (key) =>
      `Invalid tag key: ${key}. Must be 1 to 128 letters, digits, spaces and _.:/=+-@, ` +
      'and must not start with aws:',
  },
  of: {
    kind: 'text',
    lengthMax: 256,
    otherwise: (_, key) => `Invalid tag value of key ${key}. Must be at most 256 characters long`,
  },
  quota: { max: limits.tagsPerResourceMax, things: 'Tags', owner: 'resource' },
} as const satisfies MapRule;

/** Marks what was made from a file, and only that is ever removed by one. No setting of a stage. */
export const SOURCE_TAG = 'postern:source';
/** Tags that start like a stage's settings and are none. */
export const MARKER_TAGS: readonly string[] = [SOURCE_TAG];

/** A tag given to CreateApi that pins the new API's id. Beside that it is a tag like any other. */
export const CUSTOM_ID_TAG = '_custom_id_';
export const customIdPattern = /^[a-z0-9]{3,32}$/;
