import type { BrowserContext, Page } from 'playwright-core';

/** The notifications sample in a tab, and what tests read off it. */
export interface SamplePage {
  readonly page: Page;
  send(kind: string): Promise<void>;
  waitForState(state: string): Promise<void>;
  waitForText(selector: string, text: string | RegExp): Promise<void>;
}

/** Opens the page and signs in by its form, as a person would. */
export async function signIn(
  context: BrowserContext,
  address: string,
  name: string,
): Promise<SamplePage> {
  const page = await context.newPage();
  await page.goto(address);
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Sign in' }).click();
  return samplePage(page);
}

export function samplePage(page: Page): SamplePage {
  return {
    page,
    send: (kind) => page.locator(`.trigger[data-kind=${kind}]`).click(),
    waitForState: (state) => page.locator(`#chip[data-state=${state}]`).waitFor(),
    waitForText: (selector, text) =>
      page.locator(selector).filter({ hasText: text }).first().waitFor(),
  };
}

/** Everything the page must not do: errors, and requests to anyone but its own servers. */
export function watchForTrouble(context: BrowserContext): string[] {
  const trouble: string[] = [];
  context.on('weberror', (error) => trouble.push(String(error.error())));
  context.on('console', (message) => {
    if (message.type() === 'error') trouble.push(message.text());
  });
  context.on('request', (request) => {
    if (new URL(request.url()).hostname !== '127.0.0.1') trouble.push(request.url());
  });
  return trouble;
}
