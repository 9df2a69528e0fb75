/** Our reading of `serverless.yml` against what `osls package` makes of the same file. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StackTemplate } from '../../../src/templates/stack/stack-template.ts';
import { loadFile, pictureOf } from '../support/loaded.ts';

const FIXTURE = join(import.meta.dirname, '..', 'fixtures', 'serverless', 'everything');

/** The packaged deployment is named by a digest, and packaging adds functions and outputs of its own. */
const comparable = (template: StackTemplate) => {
  const nameOf = (id: string) => id.replace(/^(WebsocketsDeployment)[A-Za-z0-9]{20,}$/, '$1');
  const { resources, functions, outputs } = pictureOf(template, nameOf);
  // The order in which a template may be made does not depend on these hints alone.
  const withoutOrder = Object.entries(resources).map(([id, { dependsOn: _, ...rest }]) => [
    id,
    rest,
  ]);
  return {
    resources: Object.fromEntries(withoutOrder),
    functions: functions.filter(({ logicalId }) => !logicalId.startsWith('CustomDash')),
    outputs: outputs.filter(([name]) => name === 'ServiceEndpointWebsocket'),
  };
};

test('a service with everything web sockets can have becomes what osls itself packages of it', () => {
  const ours = loadFile(join(FIXTURE, 'serverless.yml'));
  const theirs = loadFile(
    join(FIXTURE, '.serverless', 'cloudformation-template-update-stack.json'),
  );
  expect(comparable(ours)).toEqual(comparable(theirs));
  expect(comparable(ours).outputs).toHaveLength(1);
  expect(theirs.skipped.map(({ logicalId }) => logicalId)).toContain('HttpApiRouteGet');
});
