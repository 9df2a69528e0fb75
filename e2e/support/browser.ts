import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
} from 'playwright-core';
import type { Cleanup } from './cleanup.ts';
import { patienceMillis } from './eventually.ts';
import { CHROMIUM } from './tools.ts';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Debian's Chromium, without a window. */
export async function startBrowser(cleanup: Cleanup): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: flags,
    timeout: 2 * patienceMillis,
  });
  cleanup.defer(() => browser.close());
  return browser;
}

/** Windows of their own, which wait as long for anything as all tests do. */
export async function openContext(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(patienceMillis);
  return context;
}
