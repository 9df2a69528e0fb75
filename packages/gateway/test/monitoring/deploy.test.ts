import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { testTool } from '../support/test-tool.ts';
import { useGateway } from '../support/use-gateway.ts';

const promtool = testTool('/usr/bin/promtool');
const deploy = join(import.meta.dirname, '../../../../deploy');
const at = useGateway();

const alerts = join(deploy, 'prometheus/alerts.yaml');
const dashboard = JSON.parse(readFileSync(join(deploy, 'grafana/postern.json'), 'utf8')) as {
  panels: { title: string; targets: { expr: string }[] }[];
};
/** With values for what Grafana puts in. */
const expressions = dashboard.panels.flatMap(({ targets }) =>
  targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m')),
);

describe.skipIf(!promtool)('promtool', () => {
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(promtool!, args, { encoding: 'utf8' });
    return { status, text: stdout + stderr };
  };

  test('accepts the alert rules, and sees them fire when they should', () => {
    expect(run('check', 'rules', alerts)).toMatchObject({ status: 0 });
    const { status, text } = run('test', 'rules', join(deploy, 'prometheus/alerts.test.yaml'));
    expect([status, text]).toEqual([0, expect.stringContaining('SUCCESS')]);
  });

  test('accepts the configuration', () => {
    expect(run('check', 'config', join(deploy, 'prometheus/prometheus.yaml')).status).toBe(0);
  });

  test('can read every expression of the dashboard', () => {
    const folder = mkdtempSync(join(tmpdir(), 'postern-rules-'));
    const rules = expressions.map((expr, index) => ({ record: `dashboard:${index}`, expr }));
    const file = join(folder, 'rules.yaml');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    const checked = run('check', 'rules', file);
    rmSync(folder, { recursive: true });
    expect(checked).toMatchObject({ status: 0 });
  });
});

test('every metric of the dashboard and of the alerts is one that the gateway has', async () => {
  const page = await (await fetch(`${at.gateway.url}/@metrics`)).text();
  const known = new Set([...page.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!));
  const used = [...expressions, readFileSync(alerts, 'utf8')].flatMap((text) => [
    ...text.matchAll(/\b(?:postern|process|nodejs)_[a-z0-9_]+(?=[{[)\s])/g),
  ]);
  const names = new Set(used.map(([name]) => name.replace(/_(?:bucket|sum|count)$/, '')));
  expect(names.size).toBeGreaterThan(20);
  expect([...names].filter((name) => !known.has(name))).toEqual([]);
});

test('panels have titles of their own and do not overlap', () => {
  const { panels } = dashboard as unknown as {
    panels: { title: string; gridPos: { x: number; y: number; w: number; h: number } }[];
  };
  expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
});
