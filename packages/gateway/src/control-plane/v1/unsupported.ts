import { badRequest } from '../../resources/problems.ts';
import type { Operation } from '../operation.ts';

/** Operations AWS has and this version has not. Called by name, so the answer can say which one. */
const rows: readonly (readonly [Operation['method'], string, string])[] = [
  ['GET', '/usageplans/{usageplanId}/usage', 'GetUsage'],
  ['PATCH', '/usageplans/{usageplanId}/keys/{keyId}/usage', 'UpdateUsage'],
];

export const unsupportedOperations: Operation[] = rows.map(([method, path, operation]) => ({
  operation,
  method,
  path,
  status: 400,
  handler: async () => {
    throw badRequest(`The operation ${operation} is not supported by this version`);
  },
}));
