import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { summarizeProfiles } from '../src/profile/files.mjs';
import { areaOf, foldStacks, summarize } from '../src/profile/summary.mjs';
import {
  derive,
  fleetPushes,
  machineConnects,
  machinePushes,
  redisLimit,
} from '../src/scaling/arithmetic.mjs';
import { measureScaling, type Row } from '../src/scaling/measure.mjs';
import { scalingPage } from '../src/scaling/page.mjs';
import { addResults, isWhole } from '../src/scaling/parts.mjs';
import { startRedis } from '../src/scaling/redis-server.mjs';
import { chooseWorks, WORKS } from '../src/scaling/shapes.mjs';
import { scalingTable } from '../src/scaling/table.mjs';

const folder = fileURLToPath(new URL('../..', import.meta.url));

test('pushes reach their clients from any process and from the holder, over a folder and over Redis', async () => {
  const shapes = ['2 processes', '2 nodes'];
  const works = WORKS.filter(({ scenario }) => scenario === 'push');
  const { server, url } = await startRedis();
  try {
    const rows = await measureScaling({
      works: works.map((work) => ({ ...work, shapes })),
      rounds: 1,
      seconds: 0.3,
      folder,
      profile: null,
      redis: { url, pid: server.pid },
      progress: () => {},
      signal: new AbortController().signal,
    });
    expect(rows.map(({ work, shape }) => `${work}, ${shape}`)).toEqual([
      'push to any, 2 processes',
      'push to any, 2 nodes',
      'push to the holder, 2 processes',
      'push to the holder, 2 nodes',
    ]);
    for (const { cpuMicros, operationsPerSecond } of rows) {
      expect(cpuMicros.median).toBeGreaterThan(0);
      expect(operationsPerSecond.median).toBeGreaterThan(0);
    }
    expect(rows.map(({ besideMicros }) => besideMicros === null)).toEqual([
      true,
      false,
      true,
      false,
    ]);
  } finally {
    await server.stop();
  }
});

describe('a part of what can be measured', () => {
  test('is chosen by scenario, by work and by fleet; without names it is all', () => {
    const chosen = (names: string[], shapes: string[]) =>
      chooseWorks(names, shapes).map(({ name, shapes: where }) => `${name}: ${where}`);
    expect(chooseWorks([], [])).toBe(WORKS);
    expect(chosen(['push'], ['2 nodes'])).toEqual([
      'push to any: 2 nodes',
      'push to the holder: 2 nodes',
    ]);
    expect(chosen(['push to any'], ['alone', '3 nodes'])).toEqual(['push to any: alone,3 nodes']);
    expect(chosen([], ['2 workers, kernel'])).toEqual(['connect: 2 workers, kernel']);
  });

  test('that there is not is refused by name', () => {
    expect(() => chooseWorks(['pull'], [])).toThrow(/^--only: "pull" is none of push, push to any/);
    expect(() => chooseWorks([], ['4 nodes'])).toThrow(/^--shape: "4 nodes" is none of alone,/);
    expect(() => chooseWorks(['connect'], ['3 nodes'])).toThrow('nothing of "connect"');
  });
});

describe('what follows from the figures', () => {
  const figures: Record<string, Record<string, number>> = {
    'push to any': { '2 processes': 25, '2 nodes': 30, '3 nodes': 34 },
    'push to the holder': { '2 processes': 20, '2 nodes': 20, '3 nodes': 22 },
    message: { alone: 40, '1 node': 40, '3 nodes': 44 },
    connect: { alone: 200, '2 workers': 260, '2 workers, kernel': 220 },
  };
  const of = (median: number) => ({ median, min: median, max: median });
  const rows: Row[] = Object.entries(figures).flatMap(([work, shapes]) =>
    Object.entries(shapes).map(([shape, micros]) => ({
      ...{ work, shape, rounds: [] },
      cpuMicros: of(micros),
      besideMicros: shape.endsWith('nodes') || shape === '2 workers' ? of(2) : null,
      operationsPerSecond: of(1),
      p50: of(1),
      p99: of(1),
    })),
  );
  const derived = derive(rows);

  test('what handing over costs is what pushes to all cost more, divided by the share that is handed over', () => {
    expect(derived.workers).toMatchObject({ local: 20, any: 25, extra: 10 });
    expect(derived.ways.map(({ extra }) => extra)).toEqual([10, 20, 18]);
    expect(derived.nodes.shape).toBe('2 nodes');
    expect(derived.redis).toBe(3);
  });

  test('a second checkout is compared with round by round, and each says what handing over costs', () => {
    const round = (cpuMicros: number) => ({
      ...{ cpuMicros, p50: 10, p99: 10, besideMicros: 0, operationsPerSecond: 1 },
    });
    const of2 = rows
      .filter(({ shape }) => shape === '2 processes')
      .map((row) => ({ ...row, rounds: [round(20), round(30)] }));
    const others = of2.map((row) => ({
      ...row,
      checkout: 'compare' as const,
      rounds: [round(40), round(40)],
    }));
    const text = scalingTable({ rows: [...of2, ...others] });
    expect(text).toContain(
      'push to any, 2 processes: beside compare, CPU 0.625 (0.500–0.750), p50 1.000 (1.000–1.000)',
    );
    const way = '2 processes: local 20.0, any 25.0, handed over 30.0 µs, 1.50 × local';
    expect(text.split('\n').slice(-3)).toEqual([
      `handed over, ${way}`,
      '',
      `handed over (compare), ${way}`,
    ]);
  });

  test('a run in parts is whole when every row is there, each of the part that measured it last', () => {
    const results = (some: Row[], bytesPerSocket: number | null) => ({
      startedAt: '2026-11-28T00:00:00Z',
      node: 'v20.20.2',
      revision: 'abc',
      machine: { platform: 'linux', cpu: 'cpu', cores: 2, loadAverageBefore: 0 },
      settings: { rounds: 1, seconds: 1 },
      rows: some,
      bytesPerSocket,
    });
    const [first] = rows as [Row];
    const every = WORKS.flatMap(({ name, shapes }) =>
      shapes.map((shape) => ({ ...first, work: name, shape, cpuMicros: of(1) })),
    );
    const pushes = every.filter(({ work }) => work.startsWith('push'));
    const rest = every.filter(({ work }) => !work.startsWith('push'));
    const again = pushes.slice(0, 1).map((row) => ({ ...row, cpuMicros: of(2) }));
    expect(isWhole(results(every, 1))).toBe(true);
    expect(isWhole(results(every, null))).toBe(false);
    const part = addResults(results(pushes, null), results([...rest, ...again], 1));
    expect(isWhole(part)).toBe(true);
    expect(part.rows.map(({ work, shape }) => work + shape)).toEqual(
      every.map(({ work, shape }) => work + shape),
    );
    expect(part.rows.map(({ cpuMicros }) => cpuMicros.median).filter((one) => one === 2)).toEqual([
      2,
    ]);
  });

  test('one process hands nothing over; many hand over nearly all', () => {
    expect(machinePushes(derived, 1)).toBe(50_000);
    expect(machinePushes(derived, 2)).toBe(80_000);
    expect(fleetPushes(derived, 1)).toBe(50_000);
    expect(fleetPushes(derived, 1000) / 1000).toBeCloseTo(1e6 / 40, -2);
    expect(redisLimit(derived, 2)).toBeCloseTo(666_667, 0);
    expect(redisLimit(derived, 1)).toBe(Number.POSITIVE_INFINITY);
  });

  test('a supervisor lets in no more than it hands on', () => {
    expect(derived).toMatchObject({
      connect: 258,
      supervisor: 2,
      connectRatio: 1.3,
      kernelRatio: 1.1,
    });
    expect(machineConnects(derived, 100)).toBeCloseTo(387_597, 0);
    expect(machineConnects(derived, 1000)).toBe(500_000);
  });

  test('the page shows the arithmetic and says which figures are calculated', () => {
    const page = scalingPage({
      startedAt: '2026-11-28T00:00:00Z',
      node: 'v20.20.2',
      revision: 'abc',
      machine: { platform: 'linux', cpu: 'cpu', cores: 2, loadAverageBefore: 0 },
      settings: { rounds: 1, seconds: 1 },
      rows,
      bytesPerSocket: 5000,
    });
    expect(page).toContain('| 2 nodes | 20.0 | 30.0 | 20.0 | 40.0 µs | 2.00 × | 2.20 × |');
    expect(page).toContain('| 2 | 80,000 | 50,000 | 7,800 |');
    expect(page).toContain('| 1,000,000 | 5.00 GB |');
    expect(page).not.toMatch(/undefined|NaN/);
  });

  test('a figure that was not measured is named', () => {
    const without = rows.filter(({ work }) => work !== 'connect');
    expect(() => derive(without)).toThrow('no figure of connect, 2 workers');
  });
});

describe('a profile', () => {
  let place = '';
  afterEach(() => rmSync(place, { recursive: true, force: true }));

  const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 0 });

  test('areas are own folders, packages, what Node.js is made of, and what is below it', () => {
    const own = 'file:///x/packages/gateway/dist';
    expect(areaOf(frame('verify', `${own}/iam/verify.js`))).toBe('own iam/');
    expect(areaOf(frame('take', `${own}/engines/bus/bus.js`))).toBe('own engines/');
    expect(areaOf(frame('log', 'file:///x/node_modules/pino/lib/tools.js'))).toBe('package pino');
    expect(areaOf(frame('send', 'file:///x/node_modules/@redis/client/a.js'))).toBe(
      'package @redis/client',
    );
    expect(areaOf(frame('onread', 'node:internal/stream_base_commons'))).toBe('Node.js');
    expect(areaOf(frame('writev'))).toBe('native');
    expect(areaOf(frame('(garbage collector)'))).toBe('GC');
    expect(areaOf(frame('(idle)'))).toBe('idle');
  });

  test('shares are of the time that was not idle, and stacks are folded', () => {
    const profile = {
      nodes: [
        { id: 1, callFrame: frame('(root)'), children: [2, 4] },
        { id: 2, callFrame: frame('outer', 'node:net'), children: [3] },
        { id: 3, callFrame: frame('writev') },
        { id: 4, callFrame: frame('(idle)') },
      ],
      samples: [2, 3, 4, 4],
      timeDeltas: [0, 250, 750, 9000],
    };
    const text = summarize(profile);
    expect(text).toContain('0.00 s busy, 0.01 s idle');
    expect(text).toContain('75.0 %  native');
    expect(text).toContain('25.0 %  Node.js');
    expect(foldStacks(profile)).toBe(
      '(root);outer node:net:1 250\n(root);outer node:net:1;writev 750\n(root);(idle) 9000\n',
    );
  });

  test('of a real process, it is written beside what Node.js wrote', async () => {
    place = mkdtempSync(join(tmpdir(), 'postern-bench-profile-'));
    const code = 'let sum = 0; for (let i = 0; i < 3e7; i += 1) sum += Math.sqrt(i);';
    spawnSync(process.execPath, ['--cpu-prof', `--cpu-prof-dir=${place}`, '-e', code]);
    const [text] = await summarizeProfiles(place);
    expect(readFileSync(text!, 'utf8')).toContain('By area');
    expect(readdirSync(place).filter((name) => name.endsWith('.folded'))).toHaveLength(1);
  });
});
