import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { summarizeProfiles } from '../src/profile/files.mjs';
import { flameGraph, flamesOf } from '../src/profile/flame-graph.mjs';
import { Profiler } from '../src/profile/profiler.mjs';
import type { Profile } from '../src/profile/summary.mjs';

const folder = mkdtempSync(join(tmpdir(), 'postern-profile-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OWN = 'file:///x/packages/gateway/dist/data-plane/push.js';

function node(id: number, functionName: string, url = '', children: number[] = []) {
  return { id, callFrame: { functionName, url, lineNumber: 6 }, children };
}

/** Ten milliseconds: six of busy time, of them one of garbage collection, and four of waiting. */
const profile: Profile = {
  nodes: [
    node(1, '(root)', '', [2, 3, 4, 6]),
    node(2, '(idle)'),
    node(3, '(garbage collector)'),
    node(4, 'push<T>', OWN, [5]),
    node(5, 'writeUtf8', ''),
    // V8 has several of one function where it compiled it again.
    node(6, 'push<T>', OWN, [7]),
    node(7, 'writeUtf8', ''),
  ],
  samples: [2, 3, 4, 5, 6, 7],
  timeDeltas: [0, 4000, 1000, 1500, 1000, 1500, 1000],
};

test('a function is as wide as its share of the busy time, with all it called', () => {
  const root = flamesOf(profile);
  expect(root.total).toBe(6000);
  expect(root.callees).toMatchObject([
    {
      name: 'push<T> data-plane/push.js:7',
      self: 3000,
      total: 5000,
      callees: [{ name: 'writeUtf8', self: 2000, total: 2000, callees: [] }],
    },
    { name: '(garbage collector)', self: 1000, total: 1000, callees: [] },
  ]);
});

test('a flame graph is one drawing, with names on hovering and hues by whose code it is', () => {
  const picture = flameGraph(profile, 'push & more');
  expect(picture).toContain('push &amp; more: 0.01 s busy');
  expect(picture).toContain(
    '<g class="o"><title>push&lt;T&gt; data-plane/push.js:7: 83.3 %, 50.0 % its own</title>' +
      '<rect x="0.0" y="61" width="1000.0" height="16"/>',
  );
  expect(picture).toContain('<g class="g"><title>(garbage collector): 16.7 %, 16.7 % its own');
  expect(picture).toContain('<g class="n"><title>writeUtf8: 33.3 %, 33.3 % its own</title>');
  expect(picture).not.toContain('idle');
  expect(picture).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
});

test('what is narrower than a thousandth is not drawn', () => {
  const thin = { ...profile, timeDeltas: [0, 4000, 5, 3000, 3000, 0, 0] };
  expect(flameGraph(thin, 'push')).not.toContain('garbage collector)');
});

test('a gateway’s profile is taken from one signal to the next, and said in three ways', async () => {
  const file = join(folder, 'push.cpuprofile');
  const profiler = new Profiler(file);
  const work = join(folder, 'work.mjs');
  writeFileSync(
    work,
    "setInterval(function turning() { for (let i = 0; i < 1e6; i += 1); }, 1);\nconsole.log('ready');\n",
  );
  const child = spawn(process.execPath, [...profiler.nodeWords, work], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(child.stdout, 'data');
    await profiler.begin(child.pid!);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await profiler.end();
  } finally {
    child.kill('SIGKILL');
  }
  const taken: Profile = JSON.parse(readFileSync(file, 'utf8'));
  expect(taken.samples.length).toBeGreaterThan(0);
  expect(await summarizeProfiles(folder)).toEqual([join(folder, 'push.txt')]);
  const written = readdirSync(folder).filter((name) => name.startsWith('push.'));
  expect(written.sort()).toEqual(['push.cpuprofile', 'push.folded', 'push.svg', 'push.txt']);
  expect(readFileSync(join(folder, 'push.svg'), 'utf8')).toContain('push: ');
});

test('a profile that was never begun, or whose gateway has ended, is not waited for', async () => {
  const file = join(folder, 'none.cpuprofile');
  const profiler = new Profiler(file);
  await profiler.end();
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const ended = once(child, 'exit');
  await once(child, 'spawn');
  await profiler.begin(child.pid!);
  await ended;
  await profiler.end();
  expect(existsSync(file)).toBe(false);
});
