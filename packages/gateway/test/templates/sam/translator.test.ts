/** Our reading of SAM templates against what AWS's own translator makes of the same files. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { settle } from '../../../src/templates/cloudformation/deferred.ts';
import { loadTemplate } from '../../../src/templates/cloudformation/load-template.ts';
import { readTemplate } from '../../../src/templates/read-template.ts';
import { environment } from '../support/stacks.ts';

const FIXTURES = join(import.meta.dirname, '..', 'fixtures', 'sam');

function load(...path: string[]) {
  const file = join(FIXTURES, ...path);
  const [unit] = readTemplate(file, { options: {}, env: {}, account: environment.account }).units;
  return loadTemplate(unit!.template, { environment, parameters: {}, exports: {} });
}

/** Everything in which two readings could differ, references by what they name. */
function picture({ resources, functions, outputs }: ReturnType<typeof load>) {
  const plain = (value: unknown) =>
    settle(value, ({ logicalId, attribute }) => `<${[logicalId, attribute].join('.')}>`);
  return {
    resources: Object.fromEntries(
      resources.map(({ logicalId, kind, properties, dependsOn }) => [
        logicalId,
        {
          type: kind.type,
          properties: plain(properties),
          dependsOn: [...new Set(dependsOn)].sort(),
        },
      ]),
    ),
    functions: functions.map(({ code, environment: variables, ...rest }) => ({
      ...rest,
      isInline: code.kind === 'inline',
      environment: plain(variables),
    })),
    outputs: outputs.map(({ name, value }) => [name, plain(value)]),
  };
}

describe.each(['template', 'everything'])('%s.yaml', (name) => {
  const ours = load(`${name}.yaml`);
  const theirs = load('transformed', `${name}.json`);
  const isResponse = ({ kind }: { kind: { noun: string } }) => kind.noun === 'RouteResponse';

  test('becomes what the translator makes of it', () => {
    const resources = ours.resources.filter((resource) => !isResponse(resource));
    expect(picture({ ...ours, resources })).toEqual(picture(theirs));
  });

  test('has a response beside each expression for one: without it AWS answers nothing', () => {
    const twoWay = theirs.resources.filter(
      ({ properties }) => properties.RouteResponseSelectionExpression !== undefined,
    );
    expect(twoWay.length).toBeGreaterThan(0);
    expect(theirs.resources.filter(isResponse)).toEqual([]);
    expect(ours.resources.filter(isResponse).map(({ logicalId }) => logicalId)).toEqual(
      twoWay.map(({ logicalId }) => `${logicalId}Response`),
    );
  });
});
