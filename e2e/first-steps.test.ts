import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BrowserContext } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { awsCli, awsEnvironment } from './support/aws-cli.ts';
import { openContext, startBrowser } from './support/browser.ts';
import { useCleanup } from './support/cleanup.ts';
import { codeBlock } from './support/document.ts';
import { eventually } from './support/eventually.ts';
import { freePort } from './support/free-port.ts';
import { startGateway } from './support/gateway.ts';
import { quietEnvironment, type RunningProcess, startProcess } from './support/process.ts';
import { describeWith, PYTHON } from './support/tools.ts';

/**
 * What somebody new copies out of the README and the quickstart, run as it is written there but for
 * the two port numbers, which are free ones here.
 */
describeWith(['aws', 'boto3', 'chromium'], 'the first steps', () => {
  const cleanup = useCleanup();
  let folder: string;
  let context: BrowserContext;
  let gatewayPort: number;
  let backendPort: number;

  beforeAll(async () => {
    folder = await cleanup.folder();
    context = await openContext(await startBrowser(cleanup));
    await context.addInitScript(watchSockets);
    gatewayPort = await freePort();
    backendPort = await freePort();
  });

  const local = (code: string) =>
    code
      .replaceAll('127.0.0.1:4080', `127.0.0.1:${gatewayPort}`)
      .replaceAll('127.0.0.1:3000', `127.0.0.1:${backendPort}`)
      .replaceAll("('127.0.0.1', 3000)", `('127.0.0.1', ${backendPort})`);

  async function startBackend(page: string, env: Record<string, string>): Promise<RunningProcess> {
    const file = join(folder, 'backend.py');
    await writeFile(file, local(codeBlock(page, 'python', 'import boto3')));
    const starting = startProcess(cleanup, {
      file: PYTHON,
      args: [file],
      env: { ...awsEnvironment, ...env },
      ready: /"GET \/ HTTP/,
    });
    // It says nothing until somebody calls; then its log has the line.
    await eventually('the backend', () =>
      fetch(`http://127.0.0.1:${backendPort}/`).then(
        () => true,
        () => false,
      ),
    );
    return await starting;
  }

  /** The page, once it is connected: until then nothing can be pushed to it. */
  async function openPage(): Promise<(text: string) => Promise<void>> {
    const page = await context.newPage();
    cleanup.defer(() => page.close());
    await page.goto(`http://127.0.0.1:${backendPort}`);
    await page.waitForFunction('socketsOpened === 1');
    return (text) => page.locator('pre').filter({ hasText: text }).waitFor();
  }

  const postNews = (text: string) =>
    fetch(`http://127.0.0.1:${backendPort}/news`, { method: 'POST', body: text });

  /** The id that the backend of the quickstart printed last. */
  const lastConnection = (backend: RunningProcess, than?: string) =>
    eventually('a connection', () => {
      const line = backend.lines.findLast((one) => one.startsWith('connected '));
      return line === than ? undefined : line;
    }).then((line) => line.replace('connected ', ''));

  const backendArgs = () => ['--ephemeral', '--backend', `http://127.0.0.1:${backendPort}`];

  test('the ten lines of the README answer what the console of a browser says', async () => {
    const gateway = await startGateway(cleanup, { args: backendArgs(), port: gatewayPort });
    const backend = await startBackend('README.md', {});
    const page = await context.newPage();
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    await page.goto(`${gateway.url}/@console`);
    await page.evaluate(local(codeBlock('README.md', 'js', 'new WebSocket')));
    await eventually('the answer', () => said.includes('You said: hello'));
    await page.close();
    await backend.stop();
    await gateway.stop();
  });

  test('sections 2 and 3 of the quickstart: news reach the page; the API made by the aws CLI', async () => {
    const gateway = await startGateway(cleanup, { args: backendArgs(), port: gatewayPort });
    const backend = await startBackend('docs/quickstart.md', {});
    const shows = await openPage();
    await lastConnection(backend);
    await postNews('It works');
    await shows('It works');
    await gateway.stop();

    // Section 3: the same API by the aws CLI, on a gateway that has none.
    const empty = await startGateway(cleanup, { port: gatewayPort });
    const path = `/usr/bin:${process.env.PATH}`;
    const env = { ...quietEnvironment(), ...awsEnvironment, PATH: path };
    const commands = codeBlock('docs/quickstart.md', 'sh', 'create-api');
    await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', local(commands)], { env });
    const before = backend.lines.findLast((one) => one.startsWith('connected '));
    const showsAgain = await openPage();
    const connectionId = await lastConnection(backend, before);
    const push = awsCli(empty.endpointUrl);
    await push(
      'aws apigatewaymanagementapi post-to-connection ' +
        `--cli-binary-format raw-in-base64-out --data 'From the CLI' --connection-id '${connectionId}'`,
    );
    await showsAgain('From the CLI');
    await backend.stop();
    await empty.stop();
  });

  test('section 4 of the quickstart: a signed push arrives, an unsigned one does not', async () => {
    const config = join(folder, 'news.yaml');
    await writeFile(config, local(codeBlock('docs/quickstart.md', 'yaml', 'AKIANEWSBACKEND')));
    const gateway = await startGateway(cleanup, {
      mode: 'start',
      args: ['--ephemeral', '--config', config],
      port: gatewayPort,
      env: { NEWS_SECRET: 'change-me' },
    });
    const backend = await startBackend('docs/quickstart.md', {
      AWS_ACCESS_KEY_ID: 'AKIANEWSBACKEND',
      AWS_SECRET_ACCESS_KEY: 'change-me',
    });
    const shows = await openPage();
    const connectionId = await lastConnection(backend);
    await postNews('signed');
    await shows('signed');
    const url = `${gateway.endpointUrl}/@connections/${encodeURIComponent(connectionId)}`;
    const unsigned = await fetch(url, { method: 'POST', body: 'No signature' });
    expect(await unsigned.text()).toBe('{"message":"Missing Authentication Token"}');
  });
});

/** The backend hears of a connection before there is one, and what it prints says no more. */
const watchSockets = `
  window.socketsOpened = 0;
  window.WebSocket = class extends WebSocket {
    constructor(...words) {
      super(...words);
      this.addEventListener('open', () => { socketsOpened += 1; });
    }
  };
`;
