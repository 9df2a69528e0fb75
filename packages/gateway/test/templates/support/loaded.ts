import { settle } from '../../../src/templates/cloudformation/deferred.ts';
import { loadTemplate } from '../../../src/templates/cloudformation/load-template.ts';
import { readTemplate } from '../../../src/templates/read-template.ts';
import type { StackTemplate } from '../../../src/templates/stack/stack-template.ts';
import { environment } from './stacks.ts';

/** A file as far as the first call would be made. */
export function loadFile(path: string): StackTemplate {
  const [unit] = readTemplate(path, { options: {}, env: {}, account: environment.account }).units;
  const { template, locateCode } = unit!;
  const options = { environment, parameters: {}, exports: {} };
  return loadTemplate(template, { ...options, ...(locateCode && { locateCode }) });
}

/** Everything in which two readings could differ, references by what they name. */
export function pictureOf(
  { resources, functions, outputs }: StackTemplate,
  nameOf: (logicalId: string) => string = (logicalId) => logicalId,
) {
  const plain = (value: unknown) =>
    settle(value, ({ logicalId, attribute }) => `<${[nameOf(logicalId), attribute].join('.')}>`);
  return {
    resources: Object.fromEntries(
      resources.map(({ logicalId, kind, properties, dependsOn }) => [
        nameOf(logicalId),
        {
          type: kind.type,
          properties: plain(properties),
          dependsOn: [...new Set(dependsOn.map(nameOf))].sort(),
        },
      ]),
    ),
    functions: functions.map(({ environment: variables, ...rest }) => ({
      ...rest,
      environment: plain(variables),
    })),
    outputs: outputs.map(({ name, value, exportName }) => [name, plain(value), exportName]),
  };
}
