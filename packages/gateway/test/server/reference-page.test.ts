import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfigFile } from '../../src/server/config-file.ts';
import { differencesPage } from '../../src/server/differences-page.ts';
import { optionsHelp } from '../../src/server/help.ts';
import { referencePage, schemaDocument } from '../../src/server/reference-page.ts';
import { flagOf, settingsOf } from '../../src/server/settings.ts';

const docs = join(import.meta.dirname, '../../../../docs');

test('docs/configuration.md is what the table of settings says', async () => {
  await expect(referencePage()).toMatchFileSnapshot(join(docs, 'configuration.md'));
});

test('docs/differences-from-aws.md is what the table of a stage’s settings says', async () => {
  const page = differencesPage();
  await expect(page).toMatchFileSnapshot(join(docs, 'differences-from-aws.md'));
  const example = /```yaml\n(.*?)```/s.exec(page)![1]!;
  expect(parseConfigFile(example, 'postern.yaml').file.apis[0]!.settings).toEqual({
    idleTimeoutSeconds: '0',
    binaryFrames: 'true',
  });
});

test('docs/postern.schema.json is what the file is checked against', async () => {
  await expect(schemaDocument()).toMatchFileSnapshot(join(docs, 'postern.schema.json'));
});

test('the example on the page is a file the gateway accepts', () => {
  const example = /```yaml\n(.*?)```/s.exec(referencePage())![1]!;
  const { file, settings } = parseConfigFile(example, 'postern.yaml');
  expect(settings).toEqual({ port: 4080 });
  expect(file.apis[0]!.routes).toHaveLength(4);
  expect(file.users[0]!.policies).toHaveLength(1);
});

test('help names every option of the command, with its default and its variable', () => {
  const dev = optionsHelp('dev');
  for (const mode of ['dev', 'start'] as const) {
    for (const [key] of settingsOf(mode)) expect(optionsHelp(mode)).toContain(`--${flagOf(key)}`);
  }
  expect(dev).toContain(
    '  --port PORT\n      Port to listen on; 0 picks a free one and prints it.\n' +
      '      Default 4080. POSTERN_PORT\n',
  );
  expect(dev).toContain('Default 25 seconds. POSTERN_DRAIN_SECONDS');
  expect(optionsHelp('start')).not.toContain('--backend URL');
  expect(dev).not.toContain('--tls-cert');
  expect(dev.split('\n').filter((line) => line.length > 110)).toEqual([]);
});
