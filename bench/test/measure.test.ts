import { spawn } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { parseCoreTimes, readCoreTimes, waitedForOthers } from '../src/measure/core-wait.mjs';
import { percentile, spreadOf, summarizeLatencies } from '../src/measure/percentiles.mjs';
import {
  findProcessTree,
  parseProcessStat,
  parseStolenMicros,
  readCpuMicros,
} from '../src/measure/proc-stat.mjs';

describe('percentiles', () => {
  test('a percentile is the nearest rank, never a value that was not measured', () => {
    const values = [10, 20, 30, 40];
    expect(percentile(values, 0.5)).toBe(20);
    expect(percentile(values, 0.51)).toBe(30);
    expect(percentile(values, 0.99)).toBe(40);
    expect(percentile(values, 0)).toBe(10);
    expect(() => percentile([], 0.5)).toThrow('percentile of nothing');
  });

  test('latencies are sorted as numbers before they are summarized', () => {
    const latencies = Float64Array.from({ length: 1000 }, (_, index) => 1000 - index);
    expect(summarizeLatencies(latencies)).toEqual({ p50: 500, p90: 900, p99: 990, max: 1000 });
  });

  test('the median of an even number of rounds is the mean of the middle two', () => {
    expect(spreadOf([9, 1, 5])).toEqual({ median: 5, min: 1, max: 9 });
    expect(spreadOf([10, 1, 5, 6])).toEqual({ median: 5.5, min: 1, max: 10 });
  });
});

describe('process accounting', () => {
  const fields = 'S 41 1 1 0 -1 4194304 1 0 0 0 120 30 7 3 20 0 11 0 1';

  test('CPU time is user and system time, own and of children waited for', () => {
    expect(parseProcessStat(`42 (node) ${fields}`)).toEqual({
      pid: 42,
      parentPid: 41,
      cpuMicros: 1_600_000,
    });
  });

  test('a process name with spaces and parentheses does not shift the fields', () => {
    expect(parseProcessStat(`42 (a) R 9 (b) ${fields}`).parentPid).toBe(41);
  });

  test('anything else is refused', () => {
    expect(() => parseProcessStat('no such record')).toThrow('not a process record');
  });

  test('stolen time is the eighth figure of the first line of /proc/stat', () => {
    const text = 'cpu  100 0 50 9000 10 0 5 25 0 0\ncpu0 50 0 25 4500 5 0 2 12 0 0\n';
    expect(parseStolenMicros(text)).toBe(250_000);
  });

  test('a process tree holds the children of this process', () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    try {
      const tree = findProcessTree(process.pid);
      expect(tree[0]).toBe(process.pid);
      expect(tree).toContain(child.pid);
      expect(readCpuMicros(tree)).toBeGreaterThan(0);
    } finally {
      child.kill('SIGKILL');
    }
  });

  test('a process that has ended uses no CPU', () => {
    expect(readCpuMicros([2 ** 22 + 1])).toBe(0);
  });
});

describe('waiting for a core', () => {
  test('it is the second figure of a thread’s record, the first is how long it ran', () => {
    expect(parseCoreTimes('1500000 250000 7')).toEqual({ ranMillis: 1.5, waitedMillis: 0.25 });
    expect(() => parseCoreTimes('no such record')).toThrow('not a record of the scheduler');
  });

  test('what the process’s own threads ran meanwhile is nobody else’s doing', () => {
    const before = { waitedMillis: 10, besideMillis: 100 };
    expect(waitedForOthers(before, { waitedMillis: 60, besideMillis: 130 })).toBe(20);
    expect(waitedForOthers(before, { waitedMillis: 60, besideMillis: 170 })).toBe(0);
  });

  test('a thread that has ended takes nothing away', () => {
    const before = { waitedMillis: 10, besideMillis: 100 };
    expect(waitedForOthers(before, { waitedMillis: 15, besideMillis: 40 })).toBe(5);
  });

  test('a process’s times never go back', () => {
    const before = readCoreTimes(process.pid);
    const after = readCoreTimes(process.pid);
    expect(after.waitedMillis).toBeGreaterThanOrEqual(before.waitedMillis);
    expect(waitedForOthers(before, after)).toBeGreaterThanOrEqual(0);
  });
});
