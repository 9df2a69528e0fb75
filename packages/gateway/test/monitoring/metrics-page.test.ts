import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { connect, refusal } from '../support/test-socket.ts';
import { testTool } from '../support/test-tool.ts';
import { useGateway } from '../support/use-gateway.ts';

const promtool = testTool('/usr/bin/promtool');
const at = useGateway();

const page = async () => (await fetch(`${at.gateway.url}/@metrics`)).text();
/** Value of a series, its labels in the order of the page. */
const valueIn = (text: string, series: string) =>
  text
    .split('\n')
    .find((line) => line.startsWith(`${series} `))
    ?.split(' ')
    .at(-1);

async function someTraffic() {
  at.backend.answer('/sick', (_, response) => response.writeHead(503).end());
  const api = await at.gateway.createApi({
    routes: {
      $connect: { url: `${at.backend.url}/connect` },
      $default: { url: `${at.backend.url}/echo`, twoWay: true },
      sick: { url: `${at.backend.url}/sick` },
    },
  });
  const { apiId, stage } = api;
  await at.gateway.control('PATCH', `/v2/apis/${apiId}/stages/${stage}`, {
    routeSettings: { sick: { detailedMetricsEnabled: true } },
  });
  const socket = await connect(api.wsUrl);
  socket.send('ping');
  await socket.next();
  socket.send('{"action":"sick"}');
  await refusal(`${at.gateway.url.replace('http', 'ws')}/nowhere`);
  const { connectionId } = await at.gateway.events.next();
  await fetch(`${api.endpoint}/@connections/${connectionId}`, { method: 'POST', body: 'hello' });
  for (let event = 0; event < 4; event += 1) await at.gateway.events.next();
  return { ...api, socket };
}

test('AWS counts by stage, and by route where it is detailed', async () => {
  const { apiId } = await someTraffic();
  const text = await page();
  const stage = `{api_id="${apiId}",stage="test"}`;
  expect(valueIn(text, `postern_connections${stage}`)).toBe('1');
  expect(valueIn(text, `postern_stage_connect_count_total${stage}`)).toBe('1');
  // The handshake, two messages, a reply, a push.
  expect(valueIn(text, `postern_stage_message_count_total${stage}`)).toBe('5');
  expect(valueIn(text, `postern_stage_integration_errors_total${stage}`)).toBe('1');
  expect(valueIn(text, `postern_stage_client_errors_total${stage}`)).toBe('0');
  expect(valueIn(text, `postern_stage_integration_latency_seconds_count${stage}`)).toBe('3');
  const route = `{api_id="${apiId}",stage="test",route="sick"}`;
  expect(valueIn(text, `postern_route_message_count_total${route}`)).toBe('1');
  expect(text).not.toContain('route="$default"');
});

test('what was refused is counted by its rule; bytes, integrations, the engine, the process', async () => {
  await someTraffic();
  const text = await page();
  expect(valueIn(text, 'postern_failures_total{kind="connect",rule="stage-not-found"}')).toBe('1');
  expect(
    valueIn(text, 'postern_integration_calls_total{type="HTTP_PROXY",outcome="answered"}'),
  ).toBe('3');
  expect(valueIn(text, 'postern_message_bytes_total')).toBe('21');
  expect(valueIn(text, 'postern_push_bytes_total')).toBe('5');
  expect(valueIn(text, 'postern_ready')).toBe('1');
  expect(Number(valueIn(text, 'postern_engine_commits_total'))).toBeGreaterThan(0);
  expect(Number(valueIn(text, 'process_resident_memory_bytes'))).toBeGreaterThan(0);
  expect(text).toContain('nodejs_eventloop_lag_p99_seconds ');
});

test('buckets are cumulative and end in the count', async () => {
  await someTraffic();
  const text = await page();
  const buckets = text
    .split('\n')
    .filter((line) => line.startsWith('postern_event_duration_seconds_bucket{kind="message"'))
    .map((line) => Number(line.split(' ').at(-1)));
  expect(buckets).toEqual([...buckets].sort((one, other) => one - other));
  expect(buckets.at(-1)).toBe(2);
});

test.skipIf(!promtool)('promtool finds nothing wrong with it', async () => {
  await someTraffic();
  const { status, stdout, stderr } = spawnSync(promtool!, ['check', 'metrics'], {
    input: await page(),
    encoding: 'utf8',
  });
  // What prom-client calls the process's metrics is not ours to name.
  const ours = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('postern_'));
  expect(ours).toEqual([]);
  expect([0, 3]).toContain(status);
});

test('the type is the one that Prometheus reads, and only GET is answered', async () => {
  const response = await fetch(`${at.gateway.url}/@metrics`);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const post = await fetch(`${at.gateway.url}/@metrics`, { method: 'POST' });
  expect(post.status).toBe(404);
});

test('the page of another site may not read it', async () => {
  const response = await fetch(`${at.gateway.url}/@metrics`, {
    headers: { origin: 'https://elsewhere.example' },
  });
  expect(response.status).toBe(403);
});
