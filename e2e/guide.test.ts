import type { Browser } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { type AwsCli, awsCli } from './support/aws-cli.ts';
import { startBrowser } from './support/browser.ts';
import { useCleanup } from './support/cleanup.ts';
import { eventually } from './support/eventually.ts';
import { type FastApiBackend, startFastApi } from './support/fastapi.ts';
import { freePort } from './support/free-port.ts';
import { type RunningGateway, startGateway } from './support/gateway.ts';
import { fillPlaceholders, shellCommands } from './support/guide.ts';
import { createGuideApi, type GuideApi } from './support/guide-api.ts';
import {
  type GuidePage,
  type GuidePageOptions,
  openGuidePage,
  serveGuidePage,
  watchdogScript,
} from './support/guide-page.ts';
import { openSocket } from './support/socket.ts';
import { describeWith } from './support/tools.ts';

/**
 * The whole guide with real parts: the API made by the aws CLI, the FastAPI backend under uvicorn
 * with boto3, and in Chromium a page that runs the guide's own JavaScript. The tests build on one
 * another, as the guide does.
 */
describeWith(['aws', 'boto3', 'fastapi', 'chromium'], 'the guide, from end to end', () => {
  const cleanup = useCleanup();
  let data: string;
  let gateway: RunningGateway;
  let backend: FastApiBackend;
  let aws: AwsCli;
  let api: GuideApi;
  let browser: Browser;
  let address: string;
  let ada: GuidePage;

  beforeAll(async () => {
    data = await cleanup.folder();
    gateway = await startGateway(cleanup, { args: ['--data', data], port: await freePort() });
    backend = await startFastApi(cleanup, gateway.endpointUrl);
    aws = awsCli(gateway.url);
    api = await createGuideApi(aws, backend.url);
    await followSections('1.2', '1.4');
    browser = await startBrowser(cleanup);
    address = await serveGuidePage(cleanup, gateway.webSocketUrl);
  });

  async function followSections(...sections: string[]) {
    for (const command of sections.flatMap(shellCommands)) {
      await aws(fillPlaceholders(command, api));
    }
  }

  const openPage = (options: GuidePageOptions) => openGuidePage(browser, address, options);
  const recordOf = async (user: string) =>
    (await backend.connections()).find((record) => record.user_id === user);

  test('a page connects with its token, something is triggered, and the push arrives', async () => {
    ada = await openPage({ token: 'token-of-ada' });
    await ada.connect();
    await ada.waitFor('open');
    expect(await recordOf('ada')).toMatchObject({ user_id: 'ada' });

    const answer = await backend.as('grace', 'POST', '/articles', { title: 'Field notes' });
    expect(answer).toEqual({ delivered: ['ada'] });
    const content = { type: 'new_content', title: 'Field notes', author: 'grace' };
    expect(await ada.waitFor('showToast')).toEqual(['showToast', content]);
    expect(await ada.count('refreshFeed')).toBe(1);
    expect(await ada.waitFor('updateBadges')).toEqual(['updateBadges', { notifications: 1 }]);
  });

  test('every notification type of section 3.3 reaches its handler of section 4.2', async () => {
    const comment = { text: 'Well put.', participants: ['ada', 'grace'] };
    await backend.as('grace', 'POST', '/threads/thread-7/comments', comment);
    expect(await ada.waitFor('refreshThread')).toEqual(['refreshThread', 'thread-7']);

    const status = { status: 'approved', owner: 'ada' };
    await backend.as('grace', 'POST', '/requests/42/status', status);
    expect(await ada.waitFor('updateStatusDisplay')).toEqual([
      'updateStatusDisplay',
      { type: 'status_update', id: '42', status: 'approved' },
    ]);

    // The guide's handler has no case for this type, so it says so.
    await backend.as('ada', 'POST', '/alerts', { text: 'Disk space is low' });
    const warning = ['warn', 'Unknown message type:', 'alert_triggered'];
    expect(await ada.waitFor('warn')).toEqual(warning);

    await backend.as('ada', 'POST', '/notifications/read');
    expect(await ada.waitFor('updateBadges', 5)).toEqual(['updateBadges', { notifications: 0 }]);
  });

  test('the backend refuses a bad token: the page sees it, and logs out after repeated failures', async () => {
    const page = await openPage({ token: 'forged' });
    await page.reconnectAfter(20);
    await page.connect();
    expect(await page.waitFor('close')).toEqual(['close', 1006, '']);
    expect(await page.waitFor('error')).toEqual(['error', 'WebSocket error', '[object Event]']);
    await page.waitFor('logout');
    expect(await page.count('open')).toBe(0);
    await page.page.close();
  });

  test('a client is gone and its record is stale: GoneException, and the record is deleted', async () => {
    // Without a $disconnect route nobody tells the backend, as when its host was down just then.
    const { Items } = await aws(`aws apigatewayv2 get-routes --api-id ${api.API_ID}`);
    const route = Items.find((item: { RouteKey: string }) => item.RouteKey === '$disconnect');
    await aws(`aws apigatewayv2 delete-route --api-id ${api.API_ID} --route-id ${route.RouteId}`);
    await followSections('1.4');

    const grace = await openPage({ token: 'token-of-grace' });
    await grace.connect();
    await grace.waitFor('open');
    expect(await backend.debug('POST', '/debug/ws-push-test/grace')).toEqual({ delivered: true });
    await grace.page.close();
    await eventually('the push to fail', async () => {
      const { delivered } = (await backend.debug('POST', '/debug/ws-push-test/grace')) as {
        delivered: boolean;
      };
      return !delivered;
    });
    expect(await recordOf('grace')).toBeUndefined();
    expect(await recordOf('ada')).toBeDefined();

    await aws(
      `aws apigatewayv2 create-route --api-id ${api.API_ID} --route-key '$disconnect' ` +
        `--target integrations/${api.DISCONNECT_INTEG_ID}`,
    );
    await followSections('1.4');
  });

  test('a page that is closed is unknown to the backend soon after', async () => {
    const grace = await openPage({ token: 'token-of-grace' });
    await grace.connect();
    await grace.waitFor('open');
    expect(await recordOf('grace')).toBeDefined();
    await grace.page.close();
    await eventually('the disconnect', async () => (await recordOf('grace')) === undefined);
  });

  test('the stale sweep of section 5.1 keeps who is connected', async () => {
    await fetch(`${backend.url}/ws/connect?token=token-of-grace`, {
      method: 'POST',
      headers: { connectionId: 'gbgA_A9XiQAYKEiI6A==' },
    });
    expect(await backend.debug('DELETE', '/debug/ws-connections/stale')).toEqual({ deleted: 1 });
    expect((await backend.connections()).map((record) => record.user_id)).toEqual(['ada']);
  });

  test.each(['SIGTERM', 'SIGKILL'] as const)(
    'the gateway is ended by %s and started again: the page reconnects by itself',
    async (signal) => {
      const opened = await ada.count('open');
      const before = await recordOf('ada');
      await ada.reconnectAfter(50);
      await gateway.stop(signal);
      await ada.waitFor('close', opened);
      gateway = await startGateway(cleanup, { args: ['--data', data], port: gateway.port });
      await ada.waitFor('open', opened + 1);

      expect((await recordOf('ada'))?.connection_id).not.toBe(before?.connection_id);
      const toasts = await ada.count('showToast');
      await backend.as('grace', 'POST', '/articles', { title: `After ${signal}` });
      const toast = await ada.waitFor('showToast', toasts + 1);
      expect(toast[1]).toMatchObject({ title: `After ${signal}` });
    },
  );

  test('the mapping is removed and deployed: "connectionId header missing"; restored, the page returns', async () => {
    const opened = await ada.count('open');
    const errors = await ada.count('error');
    const clear = fillPlaceholders(shellCommands('1.2')[1]!, api).replace(
      'context.connectionId',
      '',
    );
    await aws(clear);
    await followSections('1.4');
    // An open connection is not asked again; a new one is.
    await ada.reconnectAfter(50);
    await ada.page.evaluate('ws.close()');
    await ada.waitFor('error', errors + 1);
    const refused = openSocket(cleanup, `${gateway.webSocketUrl}?token=token-of-ada`);
    await expect(refused).rejects.toThrow(/refused with 400: .*connectionId header missing/);
    expect(await ada.count('open')).toBe(opened);

    await followSections('1.2', '1.4');
    await ada.waitFor('open', opened + 1);
    expect(await recordOf('ada')).toBeDefined();
  });

  test('after two minutes of silence the watchdog of section 4.4 registers the connection again', async () => {
    const grace = await openPage({ token: 'token-of-grace', fakeTime: true });
    await grace.connect();
    await grace.waitFor('open');
    await grace.page.addScriptTag({ content: watchdogScript });
    const record = await recordOf('grace');
    // The backend forgets: to it, the connection is now unknown.
    await fetch(`${backend.url}/ws/disconnect`, {
      method: 'POST',
      headers: { connectionId: record!.connection_id },
    });
    expect(await recordOf('grace')).toBeUndefined();

    await grace.page.clock.fastForward(151_000);
    await eventually('the registration', async () => {
      return (await recordOf('grace'))?.connection_id === record!.connection_id;
    });
    await grace.page.close();
  });
});
