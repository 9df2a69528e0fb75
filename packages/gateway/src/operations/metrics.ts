import { addSamples, type Sample, type Totals } from '../telemetry/activity.ts';
import type { Operation } from './operation.ts';

interface Metrics {
  readonly node: string;
  readonly samples: readonly Sample[];
  readonly totals: Totals;
}

export const metricsOperation: Operation = {
  operation: 'GetMetrics',
  method: 'GET',
  path: '/metrics',
  sentence:
    'The last five minutes of all nodes in `samples` of two seconds, oldest first, and `totals` since ' +
    'their start. Counts are of the interval. `pushes` has each connection that was reached, also by the ' +
    '`fanOuts`, whose part is `fanOutPushes`. `latency50` and `latency95` are milliseconds from the frame ' +
    'to the answer of connects and messages, rounded up to a class; of several nodes, those of the slowest.',
  handler: ({ context }): Metrics => {
    const { activity, about } = context;
    return { node: about.node, samples: activity.samples(), totals: activity.totals };
  },
  gather(answers, { context }) {
    const all = answers as readonly Metrics[];
    const totals = { ...all[0]!.totals };
    for (const name of Object.keys(totals) as (keyof Totals)[]) {
      totals[name] = all.reduce((sum, one) => sum + one.totals[name], 0);
    }
    return {
      node: context.about.node,
      samples: addSamples(all.map(({ samples }) => samples)),
      totals,
    };
  },
};
