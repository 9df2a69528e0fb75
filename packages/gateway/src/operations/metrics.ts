import type { Operation } from './operation.ts';

export const metricsOperation: Operation = {
  operation: 'GetMetrics',
  method: 'GET',
  path: '/metrics',
  sentence:
    'The last five minutes in `samples` of two seconds, oldest first, and `totals` since the start. ' +
    'Counts are of the interval; `latency50` and `latency95` are milliseconds from the frame to the ' +
    'answer of connects and messages, rounded up to a class.',
  handler: ({ context }) => {
    const { activity, about } = context;
    return { node: about.node, samples: activity.samples(), totals: activity.totals };
  },
};
