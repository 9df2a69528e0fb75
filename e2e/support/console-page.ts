import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { openContext } from './browser.ts';
import type { Cleanup } from './cleanup.ts';
import { repository } from './repository.ts';

export const widths = {
  desktop: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
} as const;
export type Width = keyof typeof widths;

/** Pictures of every page, to be looked at. Not kept in the repository. */
const pictures = join(repository, 'e2e/screenshots');

export interface ConsolePage {
  readonly page: Page;
  /** What the page complained about: nothing, in a test that passes. */
  readonly trouble: readonly string[];
  /** Opens a page of the console by its name, such as `connections?search=x`. */
  show(name: string): Promise<void>;
  picture(name: string): Promise<void>;
  /** Nothing that a person with a screen reader or weak eyes would stumble over, and no sideways scrolling. */
  isUsable(): Promise<void>;
}

export interface ConsoleOptions {
  readonly width?: Width;
  readonly scheme?: 'light' | 'dark';
  /** Messages of the browser that are part of the test, such as a refused call. */
  readonly expected?: RegExp;
}

/** A console in a window of its own, which goes on asking its gateway until it is closed. */
export async function openConsole(
  closing: Pick<Cleanup, 'defer'>,
  browser: Browser,
  url: string,
  { width = 'desktop', scheme = 'light', expected }: ConsoleOptions = {},
): Promise<ConsolePage> {
  const context = await openContext(browser, { viewport: widths[width], colorScheme: scheme });
  closing.defer(() => context.close());
  const page = await context.newPage();
  const trouble: string[] = [];
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected?.test(message.text())) trouble.push(message.text());
  });
  // The page talks to its gateway and to nobody else.
  page.on('request', (request) => {
    const { host, protocol } = new URL(request.url());
    if (protocol !== 'blob:' && host !== new URL(url).host) trouble.push(`asks ${request.url()}`);
  });
  return {
    page,
    trouble,
    async show(name) {
      await page.goto(`${url}/@console#/${name}`);
      // From another page of the console this loads nothing: the one before may still be there.
      await page.locator(`.nav a[aria-current=page][href="#/${name.split('?')[0]}"]`).waitFor();
      await page.locator('h1').first().waitFor();
    },
    async picture(name) {
      mkdirSync(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `${name}-${width}-${scheme}.png`) });
    },
    async isUsable() {
      if (await page.evaluate(() => !('axe' in window))) await page.evaluate(axe.source);
      const violations = await page.evaluate(async () => {
        const { axe: checker } = window as unknown as { axe: typeof axe };
        const { violations } = await checker.run(document, {
          runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
        });
        return violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`,
        );
      });
      expect(violations).toEqual([]);
      const overhang = await page.evaluate(
        () => document.documentElement.scrollWidth - window.innerWidth,
      );
      expect(overhang, 'the page is wider than the window').toBeLessThanOrEqual(0);
    },
  };
}
