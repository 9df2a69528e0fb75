/** What the metrics tell of parts that count for themselves: the engine, the work under way, the trace. */
import type { Hub } from '../connections/hub.ts';
import type { Work } from '../data-plane/data-plane.ts';
import type { StoreCounts } from '../engines/counted-store.ts';
import type { Gauge } from '../monitoring/prometheus.ts';

export interface GaugeParts {
  readonly hub: Hub;
  readonly work: Work;
  readonly store: StoreCounts;
  readonly stageLogs: { readonly dropped: number };
  isReady(): boolean;
}

export function gaugesOf({ hub, work, store, stageLogs, isReady }: GaugeParts): Gauge[] {
  const gauge = (name: string, help: string, read: () => number): Gauge => ({
    name: `postern_${name}`,
    help,
    type: 'gauge',
    read,
  });
  const counter = (name: string, help: string, read: () => number): Gauge => ({
    name: `postern_${name}_total`,
    help,
    type: 'counter',
    read,
  });
  return [
    gauge('ready', '1 while new connections are welcome.', () => (isReady() ? 1 : 0)),
    gauge('work_under_way', 'Handshakes, messages and $disconnects being processed.', () => {
      return work.size;
    }),
    gauge('unsent_bytes', 'Bytes that wait for clients to read them.', () => {
      let bytes = 0;
      for (const connection of hub.all()) bytes += connection.bytesUnread;
      return bytes;
    }),
    counter('stage_log_lines_dropped', 'Lines of stage logs that never arrived.', () => {
      return stageLogs.dropped;
    }),
    counter('engine_reads', 'Documents and lists read from the engine.', () => store.reads),
    counter('engine_commits', 'Commits to the engine.', () => store.commits),
    counter('engine_conflicts', 'Commits that others were ahead of.', () => store.conflicts),
    counter('engine_failures', 'Reads and commits that failed.', () => store.failures),
    counter('engine_commit_seconds', 'Time spent committing.', () => store.commitMillis / 1000),
  ];
}
