import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { openContext } from './browser.ts';
import type { Cleanup } from './cleanup.ts';
import { codeBlocks } from './guide.ts';

/** What the guide leaves to the application, here: every call is written down. */
const application = `
  var calls = [], intentionalClose = false, hasEverConnected = false, ws, keepingDelay;
  const record = (name) => (...args) => { calls.push([name, ...args]); };
  const reconnectAfter = (millis) => {
    clearInterval(keepingDelay);
    keepingDelay = setInterval(() => { reconnectDelay = millis; }, millis);
    reconnectDelay = millis;
  };
  const getAuthToken = () => new URLSearchParams(location.search).get('token');
  const [refreshFeed, showToast, refreshThread, updateStatusDisplay, updateBadges, logout] =
    ['refreshFeed', 'showToast', 'refreshThread', 'updateStatusDisplay', 'updateBadges', 'logout']
      .map(record);
  const consoleWarn = console.warn, consoleError = console.error;
  console.warn = (...args) => { record('warn')(...args.map(String)); consoleWarn(...args); };
  console.error = (...args) => { record('error')(...args.map(String)); consoleError(...args); };
  // The guide keeps its socket in a local variable; the application watches it from outside.
  window.WebSocket = class extends WebSocket {
    constructor(url) {
      super(url);
      ws = this;
      this.addEventListener('open', () => { hasEverConnected = true; record('open')(); });
      this.addEventListener('close', ({ code, reason }) => record('close')(code, reason));
    }
  };
`;

/** The guide's own JavaScript, sections 4.1 to 4.3; only the address is filled in. */
function guideScript(webSocketUrl: string): string {
  const script = ['4.1', '4.2', '4.3'].flatMap((section) => codeBlocks(section, 'javascript'));
  const address = /const WS_URL = '[^']*';/;
  return script.join('\n').replace(address, `const WS_URL = '${webSocketUrl}';`);
}

/** The watchdog of section 4.4. Its first statement wants a socket: it is added after connecting. */
export const watchdogScript = codeBlocks('4.4', 'javascript').join('\n');

/** Serves a page that runs the guide's JavaScript. Gives its address. */
export async function serveGuidePage(cleanup: Cleanup, webSocketUrl: string): Promise<string> {
  const html = `<!doctype html><meta charset="utf-8"><title>Guide</title>
    <link rel="icon" href="data:,">
    <script>${application}</script>
    <script>${guideScript(webSocketUrl)}</script>`;
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanup.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A page of the guide, in a browser. */
export interface GuidePage {
  readonly page: Page;
  /** Runs the guide's `connectWebSocket()`. */
  connect(): Promise<void>;
  /** The guide waits five seconds, then ten, and so on; a test need not, however long it takes. */
  reconnectAfter(millis: number): Promise<void>;
  /** Waits until the application was called by this name for the `count`th time. */
  waitFor(name: string, count?: number): Promise<unknown[]>;
  /** How often the application was called by this name. */
  count(name: string): Promise<number>;
}

export interface GuidePageOptions {
  readonly token: string;
  /** Time stands still until `page.clock` moves it. */
  readonly fakeTime?: boolean;
}

export async function openGuidePage(
  browser: Browser,
  address: string,
  { token, fakeTime = false }: GuidePageOptions,
): Promise<GuidePage> {
  const page = await (await openContext(browser)).newPage();
  if (fakeTime) await page.clock.install();
  await page.goto(`${address}/?token=${encodeURIComponent(token)}`);
  const named = (name: string) => `calls.filter(([name]) => name === ${JSON.stringify(name)})`;
  return {
    page,
    connect: async () => void (await page.evaluate('connectWebSocket()')),
    reconnectAfter: async (millis) => void (await page.evaluate(`reconnectAfter(${millis})`)),
    async waitFor(name, count = 1) {
      const options = { polling: 50 };
      const script = `${named(name)}[${count - 1}]`;
      const handle = await page.waitForFunction(script, undefined, options);
      return (await handle.jsonValue()) as unknown[];
    },
    count: async (name) => (await page.evaluate(`${named(name)}.length`)) as number,
  };
}
