/** Our reading of SAM templates against what AWS's own translator makes of the same files. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { StackTemplate } from '../../../src/templates/stack/stack-template.ts';
import { loadFile, pictureOf } from '../support/loaded.ts';

const fixture = (...path: string[]) => join(import.meta.dirname, '..', 'fixtures', 'sam', ...path);

/** `sam package` uploads code, so where it is then differs; whether it is in the template does not. */
const comparable = (template: StackTemplate) => {
  const { functions, ...rest } = pictureOf(template);
  return { ...rest, functions: functions.map(({ code, ...one }) => [one, code.kind === 'inline']) };
};

describe.each(['template', 'everything'])('%s.yaml', (name) => {
  const ours = loadFile(fixture(`${name}.yaml`));
  const theirs = loadFile(fixture('transformed', `${name}.json`));
  const isResponse = ({ kind }: { kind: { noun: string } }) => kind.noun === 'RouteResponse';

  test('becomes what the translator makes of it', () => {
    const resources = ours.resources.filter((resource) => !isResponse(resource));
    expect(comparable({ ...ours, resources })).toEqual(comparable(theirs));
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
