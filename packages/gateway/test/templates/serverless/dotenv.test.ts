import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readTemplate } from '../../../src/templates/read-template.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

function read(head: string, env: Readonly<Record<string, string>> = {}, stage = 'dev') {
  write(
    'serverless.yml',
    `service: chat
${head}
provider: { name: aws, environment: { SECRET: "\${env:SECRET, 'none'}", URL: "\${env:URL, 'none'}" } }
functions: { chat: { handler: index.handler } }
`,
  );
  const options = { options: { stage }, env, account: '123456789012' };
  const file = readTemplate(join(folder, 'serverless.yml'), options);
  const { Resources } = file.units[0]!.template.document as {
    Resources: Record<string, { Properties: { Environment: { Variables: object } } }>;
  };
  return { paths: file.paths, ...Resources.ChatLambdaFunction!.Properties.Environment.Variables };
}

test('.env is read where useDotenv says so, and is a part of the template', () => {
  write('.env', '# local\nSECRET="of the file"\nURL=http://localhost\n');
  expect(read('useDotenv: true')).toEqual({
    SECRET: 'of the file',
    URL: 'http://localhost',
    // Also what was looked for: it may come.
    paths: ['serverless.yml', '.env.dev', '.env'].map((name) => join(folder, name)),
  });
  expect(read('')).toMatchObject({ SECRET: 'none' });
});

test('the environment goes before it', () => {
  write('.env', 'SECRET=file\nURL=file');
  expect(read('useDotenv: true', { SECRET: 'shell' })).toMatchObject({
    SECRET: 'shell',
    URL: 'file',
  });
});

test('that of the stage is read in its place', () => {
  write('.env', 'SECRET=any\nURL=any');
  write('.env.prod', 'SECRET=prod');
  expect(read('useDotenv: true', {}, 'prod')).toMatchObject({ SECRET: 'prod', URL: 'none' });
  expect(read('useDotenv: true')).toMatchObject({ SECRET: 'any' });
});

test('none is no mistake', () => {
  expect(read('useDotenv: true')).toMatchObject({ SECRET: 'none' });
});
