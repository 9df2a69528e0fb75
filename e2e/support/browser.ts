import { type Browser, chromium } from 'playwright-core';
import type { Cleanup } from './cleanup.ts';
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
    timeout: 60_000,
  });
  cleanup.defer(() => browser.close());
  return browser;
}
