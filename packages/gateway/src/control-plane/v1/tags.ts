import type { Operation } from '../operation.ts';
import { getTags, tagResource, untagResource } from '../tags.ts';

const path = '/tags/{resource_arn}';

/** The same tags as in v2, of the same resources, by other verbs. */
export const v1TagOperations: Operation[] = [
  { operation: 'UntagResource', method: 'DELETE', path, status: 204, handler: untagResource },
  { operation: 'GetTags', method: 'GET', path, status: 200, handler: getTags },
  { operation: 'TagResource', method: 'PUT', path, status: 204, handler: tagResource },
];
