import { join } from 'node:path';
import { expect, test } from 'vitest';
import { operationsApiPage } from '../../src/server/operations-api-page.ts';

/** docs/operations-api.md is made from the table and cannot drift from it: `-u` renews the page. */
test('docs/operations-api.md is the table of operations', async () => {
  const page = join(import.meta.dirname, '../../../../docs/operations-api.md');
  await expect(operationsApiPage()).toMatchFileSnapshot(page);
});
