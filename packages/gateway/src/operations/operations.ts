import { aboutOperations } from './about.ts';
import { connectionOperations } from './connections.ts';
import { deadLetterOperations } from './dead-letters.ts';
import { exportOperation } from './export.ts';
import { metricsOperation } from './metrics.ts';
import type { Operation } from './operation.ts';
import { stageChangesOperation } from './stage-changes.ts';
import { sweepOperation } from './sweep.ts';
import { traceOperations } from './trace.ts';

/** Everything `/@api` answers. */
export const operations: readonly Operation[] = [
  ...connectionOperations,
  sweepOperation,
  ...deadLetterOperations,
  ...traceOperations,
  metricsOperation,
  stageChangesOperation,
  exportOperation,
  ...aboutOperations,
];
