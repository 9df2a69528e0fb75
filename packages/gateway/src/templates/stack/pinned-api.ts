import type { Dictionary } from '../../resources/record.ts';
import { CUSTOM_ID_TAG, SOURCE_TAG } from '../../resources/tags.ts';
import { apiIdOf } from '../postern-file.ts';

/** The tag by which an API says that it belongs to a stack. */
export function sourceTag(stackName: string): string {
  return `stack/${stackName}`;
}

/**
 * The tags an API of a stack is created with. Its id follows from the names of the stack and of the
 * resource, so that addresses are the same on every machine and after every new start.
 */
export function apiTags(
  stackName: string,
  logicalId: string,
  tags: Dictionary<string> = {},
): Dictionary<string> {
  return {
    [SOURCE_TAG]: sourceTag(stackName),
    [CUSTOM_ID_TAG]: apiIdOf(`${stackName}/${logicalId}`),
    ...tags,
  };
}
