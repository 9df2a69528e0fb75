import { expect, test } from 'vitest';
import { addCounted, type Family, putTogether } from '../../src/monitoring/families.ts';

/** How metrics of several processes become those of one gateway. */

const sums = (value: number, labels = {}): Family => ({
  name: 'events_total',
  help: 'Events.',
  type: 'counter',
  across: 'sum',
  values: [{ labels, value }],
});
const open = (value: number): Family => ({ ...sums(value), name: 'open', type: 'gauge' });
const ready = (value: number): Family => ({ ...open(value), name: 'ready', across: 'least' });
const memory = (value: number): Family => ({
  name: 'memory',
  help: 'Bytes.',
  type: 'gauge',
  values: [{ labels: { kind: 'heap' }, value }],
});
const valuesOf = (families: readonly Family[], name: string) =>
  families.find((family) => family.name === name)?.values;

test('what counts is summed by its labels, and a histogram part by part', () => {
  const parts = (count: number): Family => ({
    ...sums(0),
    name: 'took_seconds',
    type: 'histogram',
    values: [
      { metricName: 'took_seconds_bucket', labels: { le: '1' }, value: count },
      { metricName: 'took_seconds_count', labels: {}, value: count + 1 },
    ],
  });
  const all = putTogether({
    workers: [
      { worker: 1, families: [sums(1, { kind: 'push' }), parts(10)] },
      { worker: 2, families: [sums(2, { kind: 'push' }), sums(5, { kind: 'get' }), parts(20)] },
    ],
    ended: [],
  });
  expect(valuesOf(all, 'events_total')).toEqual([
    { labels: { kind: 'push' }, value: 3 },
    { labels: { kind: 'get' }, value: 5 },
  ]);
  expect(valuesOf(all, 'took_seconds')).toEqual([
    { metricName: 'took_seconds_bucket', labels: { le: '1' }, value: 30 },
    { metricName: 'took_seconds_count', labels: {}, value: 32 },
  ]);
});

test('all are ready when the least ready one is; each has its own memory', () => {
  const all = putTogether({
    workers: [
      { worker: 1, families: [ready(1), memory(100)] },
      { worker: 2, families: [ready(0), memory(50)] },
    ],
    ended: [],
  });
  expect(valuesOf(all, 'ready')).toEqual([{ labels: {}, value: 0 }]);
  expect(valuesOf(all, 'memory')).toEqual([
    { labels: { kind: 'heap', worker: '1' }, value: 100 },
    { labels: { kind: 'heap', worker: '2' }, value: 50 },
  ]);
});

test('of a worker that ended its counts remain, and nothing that it had at the moment', () => {
  const ended = addCounted([], [sums(7), open(3), ready(1), memory(1)]);
  expect(ended).toEqual([sums(7)]);
  const more = addCounted(ended, [sums(1)]);
  const all = putTogether({ workers: [{ worker: 1, families: [sums(2), open(1)] }], ended: more });
  expect(valuesOf(all, 'events_total')).toEqual([{ labels: {}, value: 10 }]);
  expect(valuesOf(all, 'open')).toEqual([{ labels: {}, value: 1 }]);
});

test('a worker that does not answer stands with what it counted, and without its memory', () => {
  const all = putTogether({
    workers: [
      { worker: 1, families: [sums(2), memory(1)] },
      { worker: 2, families: [sums(3), memory(1)], isSilent: true },
    ],
    ended: [],
  });
  expect(valuesOf(all, 'events_total')).toEqual([{ labels: {}, value: 5 }]);
  expect(valuesOf(all, 'memory')).toHaveLength(1);
});
