import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Route } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Backend, startBackend } from './support/backend.ts';
import { startBrowser } from './support/browser.ts';
import { afterTest, useCleanup } from './support/cleanup.ts';
import { type ConsolePage, openConsole, type Width } from './support/console-page.ts';
import { eventually } from './support/eventually.ts';
import { type RunningGateway, startGateway } from './support/gateway.ts';
import { openSocket, type TestSocket } from './support/socket.ts';
import { describeWith } from './support/tools.ts';

/** The console in a real browser: every page, and what people come for, on a desk and on a phone. */

const windows = useCleanup();
let starting: Promise<Browser> | undefined;
/** One for all of them. */
const startedBrowser = () => {
  starting ??= startBrowser(windows);
  return starting;
};
const bothWidths: readonly Width[] = ['desktop', 'phone'];
const pages = [
  ['overview', 'Overview'],
  ['trace', 'Live trace'],
  ['connections', 'Connections'],
  ['apis', 'default'],
  ['try', 'Try it'],
  ['failures', 'Failures'],
  ['gateway', 'Gateway'],
] as const;

describeWith(['chromium'], 'the console', () => {
  const cleanup = useCleanup();
  let gateway: RunningGateway;
  let backend: Backend;
  let browser: Browser;

  beforeAll(async () => {
    backend = await startBackend(cleanup);
    gateway = await startGateway(cleanup, { args: ['--ephemeral', '--backend', backend.url] });
    browser = await startedBrowser();
    // Something to see on every page: a connection, messages, a refusal.
    const socket = await openSocket(cleanup, `${gateway.webSocketUrl}?token=good`);
    socket.send('{"action":"hello"}');
    await backend.next('/ws/message');
    await expect(openSocket(cleanup, `${gateway.webSocketUrl}?token=bad`)).rejects.toThrow();
  });

  describe.each(bothWidths)('on a %s', (width) => {
    describe.each(['light', 'dark'] as const)('%s', (scheme) => {
      const window = useCleanup();
      let view: ConsolePage;
      beforeAll(async () => {
        view = await openConsole(window, browser, gateway.url, { width, scheme });
      });
      test.each(pages)('%s can be read and used by everybody', async (name, heading) => {
        await view.show(name);
        await view.page.getByRole('heading', { name: heading, level: 1 }).waitFor();
        await view.page.locator('.bar').first().waitFor({ state: 'detached' });
        await view.isUsable();
        await view.picture(name);
        expect(view.trouble).toEqual([]);
      });
    });

    test('a refused connection says why, where it was tried and among the failures', async () => {
      const view = await openConsole(afterTest, browser, gateway.url, {
        width,
        expected: /WebSocket connection to .* failed/,
      });
      const { page } = view;
      await view.show('try');
      await page.getByLabel('Query').fill('token=bad');
      await page.getByRole('button', { name: 'Connect', exact: true }).click();
      await page
        .getByText(/Refused with 401: the backend answered 401 .*\(rule backend-refused\)/)
        .waitFor();
      await view.picture('refused-try');
      await page.getByRole('link', { name: 'Failures' }).click();
      await page
        .getByRole('button', { name: /connect.*401/ })
        .first()
        .click();
      await page.getByText('What to do:').first().waitFor();
      await page.getByText('backend-refused').first().waitFor();
      await view.isUsable();
      await view.picture('refused-failures');
      expect(view.trouble).toEqual([]);
    });

    test('a connection is found, looked at, written to and closed', async () => {
      const agent = `finder-${width}/1.0`;
      const socket = await openSocket(cleanup, `${gateway.webSocketUrl}?token=good`, {
        'User-Agent': agent,
      });
      const view = await openConsole(afterTest, browser, gateway.url, {
        width,
        // What the dialog asks about a connection that is just being closed.
        expected: /status of 410/,
      });
      const { page } = view;
      await view.show('connections');
      await page.getByLabel('Search').fill('finder-');
      await page.getByText(/^1 of \d+ connections?$/).waitFor();
      await page.getByRole('button', { name: /==$/ }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText(agent).waitFor();
      await dialog.getByLabel('Message').fill(`{"to":"${width}"}`);
      await dialog.getByRole('button', { name: 'Push' }).click();
      expect(await socket.next()).toBe(`{"to":"${width}"}`);
      for (const language of ['boto3', 'SDK for JavaScript', 'aws CLI', 'curl']) {
        await dialog.getByRole('tab', { name: language }).click();
        await dialog.locator('pre', { hasText: width }).waitFor();
      }
      await view.isUsable();
      await view.picture('connection-details');
      await dialog.getByRole('button', { name: 'Close the connection …' }).click();
      await dialog.getByRole('button', { name: 'Yes, close it' }).click();
      expect((await socket.closed).code).toBe(1000);
      await page.getByText('No connection fits').waitFor();
      expect(view.trouble).toEqual([]);
    });

    test('a route is edited, the difference shown, deployed, and an open socket uses it', async () => {
      const socket = await openSocket(cleanup, `${gateway.webSocketUrl}?token=good`);
      const view = await openConsole(afterTest, browser, gateway.url, { width });
      const { page } = view;
      await view.show('apis');
      await page.getByRole('button', { name: /\$default/ }).click();
      const dialog = page.getByRole('dialog');
      const target = `${backend.url}/ws/edited-${width}`;
      await dialog.getByLabel('Backend URL').fill(target);
      await view.isUsable();
      await view.picture('route');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('button', { name: 'Review 1 change and deploy' }).click();
      await dialog.locator('ins', { hasText: target }).waitFor();
      await dialog.locator('del', { hasText: `${backend.url}/ws/` }).waitFor();
      await view.isUsable();
      await view.picture('deploy');
      // Before the deployment the open socket does not see it.
      socket.send(`{"before":"${width}"}`);
      await backend.next(width === 'desktop' ? '/ws/message' : '/ws/edited-desktop', ({ body }) =>
        body.includes(`"before":"${width}"`),
      );
      await dialog.getByRole('button', { name: 'Deploy', exact: true }).click();
      await page.getByRole('button', { name: 'Everything is deployed' }).waitFor();
      socket.send(`{"after":"${width}"}`);
      await backend.next(`/ws/edited-${width}`, ({ body }) => body.includes('"after"'));
      expect(view.trouble).toEqual([]);
    });

    test('the live trace opens a message into its steps, pauses, filters, exports, replays', async () => {
      const socket = await openSocket(cleanup, `${gateway.webSocketUrl}?token=good`);
      const view = await openConsole(afterTest, browser, gateway.url, { width });
      const { page } = view;
      await view.show('trace');
      await page.getByText('live', { exact: true }).waitFor();
      const text = `{"action":"traced","width":"${width}"}`;
      socket.send(text);
      await page
        .getByRole('button', { name: /message/, expanded: false })
        .first()
        .click();
      await page.getByText('backend response').waitFor();
      await page.getByText('paused', { exact: true }).waitFor();
      await page.getByText('mapped request').click();
      await page
        .getByText(/connectionId: /i)
        .first()
        .waitFor();
      await view.isUsable();
      await view.picture('trace-open');

      await page.getByLabel('Text in what is shown').fill('no such text');
      await page.getByText('Waiting for something to happen').waitFor();
      await page.getByLabel('Text in what is shown').fill('traced');
      const downloading = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Export' }).click();
      const file = await (await downloading).path();
      const lines = (await readFile(file, 'utf8')).trim().split('\n');
      expect(JSON.parse(lines.at(-1)!)).toMatchObject({ kind: 'message', status: 200 });

      await page
        .getByRole('button', { name: /message/, expanded: false })
        .first()
        .click();
      await page.getByRole('button', { name: 'Replay in Try it' }).first().click();
      await page.getByRole('heading', { name: 'Try it' }).waitFor();
      await page.getByLabel('Query').fill('token=good');
      await page.getByRole('button', { name: 'Connect', exact: true }).click();
      await page.getByText('open', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Send' }).click();
      await backend.next(width === 'desktop' ? '/ws/edited-desktop' : '/ws/edited-phone', (call) =>
        call.body.includes('"traced"'),
      );
      expect(view.trouble).toEqual([]);
    });

    test('the live trace says that it is live once nothing can be missed', async () => {
      const view = await openConsole(afterTest, browser, gateway.url, { width });
      const { page } = view;
      const asked = new Promise<Route>((resolve) => page.route('**/@api/trace', resolve));
      await view.show('trace');
      const route = await asked;
      await page.getByText('connecting …', { exact: true }).waitFor();
      await route.continue();
      await page.getByText('live', { exact: true }).waitFor();
      await openSocket(cleanup, `${gateway.webSocketUrl}?token=good`);
      await page
        .getByRole('button', { name: /connect/, expanded: false })
        .first()
        .waitFor();
      expect(view.trouble).toEqual([]);
    });

    test.each(['light', 'dark'] as const)(
      'a fan-out says how many it reached, %s',
      async (scheme) => {
        await openSocket(cleanup, `${gateway.webSocketUrl}?token=good`);
        const view = await openConsole(afterTest, browser, gateway.url, { width, scheme });
        const { page } = view;
        await view.show('trace');
        await page.getByText('live', { exact: true }).waitFor();
        const many = `${gateway.endpointUrl}/@connections`;
        const answer = await fetch(many, { method: 'POST', body: '{"to":"all"}' });
        const { delivered } = (await answer.json()) as { delivered: number };
        const reached = `to ${delivered} connection${delivered === 1 ? '' : 's'}`;
        await page
          .getByRole('button', { name: new RegExp(`fan-out.*200.*${reached} · .*all`) })
          .first()
          .click();
        await page.locator('dd', { hasText: reached }).first().waitFor();
        await view.isUsable();
        await view.picture('fan-out');
        await view.show('overview');
        await page.getByText(/^[\d,]+ by [\d,]+ fan-outs? in 5 min$/).waitFor();
        await view.isUsable();
        await view.picture('fan-out-overview');
        expect(view.trouble).toEqual([]);
      },
    );
  });

  test('everything is reached by keyboard, and focus comes back from a dialog', async () => {
    await openSocket(cleanup, `${gateway.webSocketUrl}?token=good`);
    const view = await openConsole(afterTest, browser, gateway.url);
    const { page } = view;
    await view.show('connections');
    const first = page.getByRole('button', { name: /==$/ }).first();
    await first.waitFor();
    await page.keyboard.press('Tab');
    await page.getByRole('button', { name: 'Skip to the page' }).waitFor();
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
    const one = page.getByRole('button', { name: (await first.textContent())!, exact: true });
    await one.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(await one.evaluate((button) => button === document.activeElement)).toBe(true);
    expect(view.trouble).toEqual([]);
  });

  test('a gateway that answers slowly is not asked again before it has answered', async () => {
    const view = await openConsole(afterTest, browser, gateway.url);
    const { page } = view;
    await page.clock.install();
    const asked: Route[] = [];
    await page.route('**/@api/connections*', (route) => void asked.push(route));
    await view.show('connections');
    await eventually('the question', () => asked.length > 0);
    await page.clock.runFor(10_000);
    expect(asked).toHaveLength(1);
    await asked[0]!.continue();
    await page.getByText(/^[\d,]+ connections?$/).waitFor();
    expect(view.trouble).toEqual([]);
  });

  test('copies an API as every format', async () => {
    const view = await openConsole(afterTest, browser, gateway.url);
    const { page } = view;
    await view.show('apis');
    await page.getByRole('button', { name: 'Copy as …' }).click();
    const dialog = page.getByRole('dialog');
    for (const [format, mark] of [
      ['postern.yaml', /apis:/],
      ['CloudFormation', /AWS::ApiGatewayV2::Api/],
      ['SAM', /AWS::Serverless/],
      ['Terraform', /aws_apigatewayv2_api/],
      ['AsyncAPI', /asyncapi: /],
      ['aws CLI', /aws apigatewayv2 create-route/],
    ] as const) {
      await dialog.getByRole('tab', { name: format }).click();
      await dialog.locator('pre', { hasText: mark }).waitFor();
    }
    await view.picture('copy');
    expect(view.trouble).toEqual([]);
  });
});

describeWith(['chromium'], 'an empty gateway', () => {
  const cleanup = useCleanup();
  let gateway: RunningGateway;

  beforeAll(async () => {
    gateway = await startGateway(cleanup);
  });

  test.each(bothWidths)('teaches on every page, on a %s', async (width) => {
    const browser = await startedBrowser();
    const view = await openConsole(afterTest, browser, gateway.url, { width });
    for (const [name, words] of [
      ['overview', 'Ten lines make one'],
      ['apis', 'Ten lines make one'],
      ['try', 'Ten lines make one'],
      ['connections', 'Nobody is connected'],
      ['trace', 'Waiting for something to happen'],
      ['failures', 'Nothing was refused and nothing failed'],
    ] as const) {
      await view.show(name);
      await view.page.getByText(words).first().waitFor();
      await view.isUsable();
      await view.picture(`empty-${name}`);
    }
    expect(view.trouble).toEqual([]);
  });
});

describeWith(['chromium'], 'postern start asks who comes', () => {
  const cleanup = useCleanup();
  const key = { id: 'AKIACONSOLE00000001', secret: 'the-secret-of-the-operator' };
  const token = 'a-token-of-the-operator';
  let gateway: RunningGateway;
  let browser: Browser;

  beforeAll(async () => {
    const folder = await cleanup.folder();
    const config = join(folder, 'postern.yaml');
    await writeFile(
      config,
      `apis: { chat: { routes: { $default: { integration: nobody } }, integrations: { nobody: { integrationType: MOCK } } } }
users:
  - name: operator
    accessKeys: [{ accessKeyId: ${key.id}, secretAccessKey: ${key.secret} }]
    tokens: [${token}]
    policies:
      - Version: '2012-10-17'
        Statement: [{ Effect: Allow, Action: ['postern:*', 'apigateway:GET'], Resource: '*' }]
`,
    );
    const args = ['--data', join(folder, 'data'), '--config', config];
    gateway = await startGateway(cleanup, { mode: 'start', args });
    browser = await startedBrowser();
  });

  test.each(bothWidths)('a wrong key is refused, the right one lets in, on a %s', async (width) => {
    const view = await openConsole(afterTest, browser, gateway.url, { width, expected: /403/ });
    const { page } = view;
    await page.goto(`${gateway.url}/@console`);
    await page.getByLabel('Access key id').fill(key.id);
    await page.getByLabel('Secret access key').fill('wrong');
    await view.isUsable();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('The gateway does not accept this key').waitFor();
    await view.isUsable();
    await view.picture('sign-in');
    await page.getByLabel('Secret access key').fill(key.secret);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    for (const name of ['connections?search=a+b c', 'apis', 'gateway']) await view.show(name);
    await page.getByText('operator').waitFor();
    // What a policy does not allow is said, and what to do about it.
    await view.show('apis');
    await page.getByRole('button', { name: /\$default/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByText(/is not authorized to perform: apigateway:PATCH/).waitFor();
    await page.getByText('Add the action to a policy').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    expect(
      await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage })),
    ).not.toContain(key.secret);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Postern' }).waitFor();
    expect(view.trouble).toEqual([]);
  });

  test('a token lets in, a wrong one does not', async () => {
    const view = await openConsole(afterTest, browser, gateway.url, { expected: /403/ });
    const { page } = view;
    await page.goto(`${gateway.url}/@console`);
    await page.getByRole('tab', { name: 'Token' }).click();
    await page.getByLabel('Token', { exact: true }).fill('not-the-token-at-all');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('The gateway knows no such token').waitFor();
    await page.getByLabel('Token', { exact: true }).fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(view.trouble).toEqual([]);
  });
});

describeWith(['chromium'], 'dead letters and throttles', () => {
  const cleanup = useCleanup();

  test.each(bothWidths)('are shown, tried again and forgotten, on a %s', async (width) => {
    const folder = await cleanup.folder();
    const config = join(folder, 'postern.yaml');
    // Nothing listens on port 1: no attempt can deliver the event.
    await writeFile(
      config,
      `disconnectAttemptsMax: 2
apis:
  chat:
    routes: { $disconnect: 'http://127.0.0.1:1/gone', $default: { integration: nobody } }
    integrations: { nobody: { integrationType: MOCK } }
    stages: { production: { defaultRouteSettings: { throttlingRateLimit: 1, throttlingBurstLimit: 1 } } }
`,
    );
    const gateway = await startGateway(cleanup, { args: ['--ephemeral', '--config', config] });
    const socket = await openSocket(cleanup, gateway.webSocketUrl);
    for (let count = 0; count < 5; count += 1) socket.send('{"too":"much"}');
    await socket.next();
    socket.close();
    await socket.closed;
    const letters = async () => {
      const { items } = (await (await fetch(`${gateway.url}/@api/dead-letters`)).json()) as {
        items: object[];
      };
      return items.length;
    };
    const view = await openConsole(afterTest, await startedBrowser(), gateway.url, { width });
    const { page } = view;
    await view.show('failures');
    await page.getByRole('tab', { name: 'Throttled' }).click();
    await page
      .getByRole('button', { name: /message.*429/ })
      .first()
      .click();
    await page.getByText('route-rate-limit').first().waitFor();
    await eventually('the dead letter', async () => (await letters()) === 1);
    await page.getByRole('tab', { name: 'Dead letters' }).click();
    await page.getByText('1 dead letter', { exact: true }).waitFor();
    await page.getByText(/given up .* after 2 attempts/).waitFor();
    await view.isUsable();
    await view.picture('dead-letters');
    // The page itself watches for what it says for a few seconds only.
    const said = page.waitForFunction(() =>
      document.querySelector('.said')?.textContent?.includes('Being tried again.'),
    );
    const reloads: Route[] = [];
    const hold = (route: Route) => void reloads.push(route);
    await page.route('**/@api/dead-letters', hold);
    await page.getByRole('button', { name: 'Try again', exact: true }).click();
    await said;
    expect(await page.getByRole('button', { name: 'Forget' }).isDisabled()).toBe(true);
    for (const route of reloads) await route.continue();
    await page.unroute('**/@api/dead-letters', hold);
    await eventually('the dead letter', async () => (await letters()) === 1);
    await page.getByRole('tab', { name: 'Throttled' }).click();
    await page.getByRole('tab', { name: 'Dead letters' }).click();
    await page.getByRole('button', { name: 'Forget' }).click();
    await page.getByText('Every $disconnect was delivered').waitFor();
    expect(view.trouble).toEqual([]);
  });
});

describeWith(['chromium'], 'a crowd', () => {
  const cleanup = useCleanup();

  test('2,000 connections and hundreds of events a second: sampled, said so, and still usable', async () => {
    const backend = await startBackend(cleanup);
    const gateway = await startGateway(cleanup, {
      args: ['--ephemeral', '--backend', backend.url],
    });
    const sockets: TestSocket[] = [];
    for (let batch = 0; batch < 20; batch += 1) {
      const opening = Array.from({ length: 100 }, () =>
        openSocket(cleanup, `${gateway.webSocketUrl}?token=good`),
      );
      sockets.push(...(await Promise.all(opening)));
    }
    const view = await openConsole(afterTest, await startedBrowser(), gateway.url);
    const { page } = view;
    await view.show('connections');
    await page.getByText('2,000 connections').waitFor();
    await view.show('trace');
    await page.getByText('live', { exact: true }).waitFor();
    let at = 0;
    // 50 messages every 100 ms.
    const timer = setInterval(() => {
      for (let count = 0; count < 50; count += 1) {
        sockets[at % sockets.length]!.send(`{"n":${at}}`);
        at += 1;
      }
    }, 100);
    cleanup.defer(() => clearInterval(timer));
    await page.getByText(/events are not shown/).waitFor();
    await view.picture('crowd');
    // The page answers while all that happens: it pauses, opens an event, goes on and finds a text. What
    // moves away, and out of the list before long, cannot be hit for certain.
    const row = page.getByRole('button', { name: /message/, expanded: false }).nth(5);
    await row.waitFor();
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await row.click();
    await page.getByText('backend response').waitFor();
    await page.getByRole('button', { name: /^Resume/ }).press('Enter');
    await page.getByLabel('Text in what is shown').fill('"n":1');
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('figure').first().waitFor();
    await view.show('trace');
    expect(await page.locator('.events > li').count()).toBeLessThanOrEqual(250);
    await eventually('the backend has seen many', () => backend.calls.length > 2500);
    clearInterval(timer);
    expect(view.trouble).toEqual([]);
  });
});
