import { addSamples, addTotals, type CountedTotals, type Sample } from '../telemetry/activity.ts';
import type { Operation } from './operation.ts';

interface Metrics extends CountedTotals {
  readonly samples: readonly Sample[];
}

export const metricsOperation: Operation = {
  operation: 'GetMetrics',
  method: 'GET',
  path: '/metrics',
  sentence:
    'The last five minutes of all nodes in `samples` of two seconds, oldest first, and `totals` since ' +
    'their start, of workers since that of their supervisor. Counts are of the interval. `pushes` has each ' +
    'connection that was reached, also by the `fanOuts`, whose part is `fanOutPushes`. `latency50` and ' +
    '`latency95` are milliseconds from the frame ' +
    'to the answer of connects and messages, rounded up to a class; of several nodes, those of the slowest.',
  handler: async ({ context }): Promise<Metrics> => ({
    ...(await context.totals()),
    samples: context.activity.samples(),
  }),
  gather(answers, { context }) {
    const all = answers as readonly Metrics[];
    return {
      node: context.about.node,
      samples: addSamples(all.map(({ samples }) => samples)),
      // Workers of one supervisor all tell the whole.
      totals: addTotals(new Map(all.map(({ by, totals }) => [by, totals])).values()),
    };
  },
};
