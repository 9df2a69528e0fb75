import type { Browser, BrowserContext, Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { openContext, startBrowser } from './support/browser.ts';
import { useCleanup } from './support/cleanup.ts';
import { eventually } from './support/eventually.ts';
import { freePort } from './support/free-port.ts';
import { type RunningGateway, startGateway } from './support/gateway.ts';
import { startProcess } from './support/process.ts';
import { type SamplePage, samplePage, signIn, watchForTrouble } from './support/sample-page.ts';
import { describeWith } from './support/tools.ts';

describeWith(['chromium'], 'the notifications sample, in two tabs', () => {
  const cleanup = useCleanup();
  let gateway: RunningGateway;
  let browser: Browser;
  let context: BrowserContext;
  let trouble: string[];
  let address: string;
  let gatewayArgs: string[];
  let ada: SamplePage;
  let grace: SamplePage;

  beforeAll(async () => {
    const port = await freePort();
    const sample = await startProcess(cleanup, {
      file: process.execPath,
      args: ['examples/notifications/src/server.js'],
      env: { PORT: '0', APIGW_ENDPOINT: `http://127.0.0.1:${port}/production` },
      ready: /^Sample ready on (http:\S+)$/,
    });
    address = sample.ready[1]!;
    gatewayArgs = ['--ephemeral', '--backend', address];
    gateway = await startGateway(cleanup, { args: gatewayArgs, port });
    browser = await startBrowser(cleanup);
    context = await openContext(browser);
    trouble = watchForTrouble(context);
  });

  test('whoever is alone is invited to open a second tab, which signs in by itself', async () => {
    ada = await signIn(context, address, 'Ada');
    await ada.waitForState('open');
    await ada.waitForText('#alone', 'You are the only one here.');

    const opening = context.waitForEvent('page');
    await ada.page.getByRole('link', { name: 'Open a second tab as Grace' }).click();
    grace = samplePage(await opening);
    await grace.waitForState('open');
    await ada.page.locator('#alone').waitFor({ state: 'hidden' });
    await ada.waitForText('#people li', 'Grace');
    await grace.waitForText('#people li', 'Ada');
  });

  test.each([
    ['new_content', 'New content', 'published'],
    ['new_comment', 'New comment', 'commented on'],
    ['status_update', 'Status update', 'moved'],
    ['alert_triggered', 'Alert', 'raised an alert'],
  ])(
    '%s arrives in the other tab as a toast, in the list and on the badge',
    async (kind, label, words) => {
      const unread = Number(await grace.page.locator('#badge').textContent());
      await ada.page.getByLabel('Words').fill(`words of ${kind}`);
      await ada.send(kind);
      // In one look: a toast stays for a few seconds.
      const toast = grace.page.locator(`.toast[data-kind=${kind}]`).filter({ hasText: words });
      await toast.filter({ hasText: `words of ${kind}` }).waitFor();
      await grace.waitForText(`.entry[data-kind=${kind}]`, 'Ada');
      await grace.waitForText('#badge', String(unread + 1));
      await ada.waitForText('#sent', `${label} delivered to Grace.`);
      // The author is not among the recipients.
      expect(await ada.page.locator('.toast').count()).toBe(0);
    },
  );

  test('unread_counts arrives as a badge alone; reading clears it in every tab of the user', async () => {
    const second = await signIn(context, address, 'Grace');
    await second.waitForText('#badge', '4');
    const toasts = await second.page.locator('.toast').count();
    await ada.send('unread_counts');
    await grace.waitForText('#badge', '5');
    await second.waitForText('#badge', '5');
    expect(await second.page.locator('.toast').count()).toBe(toasts);
    expect(await grace.page.title()).toBe('(5) Postern notifications');

    await grace.page.getByRole('button', { name: /mark all as read/ }).click();
    await second.page.locator('#badge').waitFor({ state: 'hidden' });
    await grace.page.locator('#badge').waitFor({ state: 'hidden' });
    await second.page.close();
    await eventually('one tab fewer', async () => {
      const people = await ada.page.locator('#people').textContent();
      return !people?.includes('2 tabs');
    });
  });

  test('a dropped connection counts down, and comes back when asked', async () => {
    await stopTime(grace.page);
    await grace.page.getByRole('button', { name: 'Drop the connection' }).click();
    await grace.waitForState('waiting');
    await grace.waitForText('#last-close', '1000');
    await grace.waitForText('#state-note', /in \d+ s, attempt 1/);
    await grace.page.getByRole('button', { name: 'Reconnect now' }).click();
    await grace.waitForState('open');
    expect(await grace.page.locator('#reconnects').textContent()).toBe('1');
    await grace.page.clock.resume();
    await ada.waitForText('#people li', 'Grace');
  });

  test('the gateway is killed and started again: the page comes back by itself', async () => {
    const reconnects = Number(await ada.page.locator('#reconnects').textContent());
    gateway.signal('SIGKILL');
    await gateway.ended;
    await ada.waitForState('waiting');
    gateway = await startGateway(cleanup, { args: gatewayArgs, port: gateway.port });
    // The sample keeps the client's own delay of about five seconds: this one test waits for it.
    await ada.waitForState('open');
    expect(await ada.page.locator('#reconnects').textContent()).toBe(String(reconnects + 1));
    await grace.waitForState('open');
    await ada.waitForText('#people li', 'Grace');
    await ada.send('new_content');
    await ada.waitForText('#sent', 'New content delivered to Grace.');
  });

  test('a forged token is refused, and the client gives up', async () => {
    const page = await context.newPage();
    await stopTime(page);
    await page.goto(address);
    const refusalsBefore = trouble.length;
    await page.getByRole('button', { name: 'Try a forged token instead' }).click();
    for (const refusal of [1, 2, 3]) {
      const words = `Refusal ${refusal} (close code 1006)`;
      await page.locator('#outcome').filter({ hasText: words }).waitFor();
      await page.clock.runFor(10_000);
    }
    await page.locator('#outcome').filter({ hasText: 'the client gives up' }).waitFor();
    // Chromium itself writes down each failed handshake; that is the only trouble there was.
    expect(trouble.slice(refusalsBefore)).toSatisfy((lines: string[]) =>
      lines.every((line) => /WebSocket connection to .* failed/.test(line)),
    );
    await page.close();
  });

  test('nothing went wrong in the pages but the connections that were cut on purpose', () => {
    const other = trouble.filter((line) => !/WebSocket connection to .* failed/.test(line));
    expect(other).toEqual([]);
  });
});

/** What a page shows for a few seconds stays until its clock is moved. */
async function stopTime(page: Page): Promise<void> {
  await page.clock.install();
  await page.clock.pauseAt(Date.now() + 60_000);
}
