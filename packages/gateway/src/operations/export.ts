import { badRequest } from '../resources/problems.ts';
import type { Operation } from './operation.ts';

export const exportOperation: Operation = {
  operation: 'ExportApi',
  method: 'GET',
  path: '/apis/{apiId}/export',
  sentence:
    'The API as a template that makes it again: its `text`, and `notes` about what the format cannot say.',
  query: [
    {
      name: 'format',
      sentence: '`cloudformation`, `sam`, `terraform`, `asyncapi` or `postern`; `postern`',
    },
  ],
  async handler({ context, params, query }) {
    const format = query.get('format') || 'postern';
    const exported = await context.exportApi(params.apiId!, format);
    if (exported) return { format, ...exported };
    throw badRequest(`Invalid format specified: ${format}`);
  },
};
