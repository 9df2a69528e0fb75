/** What the metrics tell of parts that count for themselves: the engine, the work under way, the trace. */
import type { Hub } from '../connections/hub.ts';
import type { Work } from '../data-plane/data-plane.ts';
import type { DisconnectOutbox } from '../data-plane/disconnect-outbox.ts';
import type { StoreCounts } from '../engines/counted-store.ts';
import type { Gauge } from '../monitoring/prometheus.ts';

export interface GaugeParts {
  readonly hub: Hub;
  readonly work: Work;
  readonly outbox: Pick<DisconnectOutbox, 'waiting' | 'counts'>;
  readonly store: StoreCounts;
  readonly stageLogs: { readonly dropped: number };
  isReady(): boolean;
}

export function gaugesOf({ hub, work, outbox, store, stageLogs, isReady }: GaugeParts): Gauge[] {
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
    {
      ...gauge('ready', '1 while new connections are welcome.', () => (isReady() ? 1 : 0)),
      across: 'least',
    },
    gauge('work_under_way', 'Handshakes, messages and $disconnects being processed.', () => {
      return work.size;
    }),
    gauge('unsent_bytes', 'Bytes that wait for clients to read them.', () => {
      let bytes = 0;
      for (const connection of hub.all()) bytes += connection.bytesUnread;
      return bytes;
    }),
    gauge('disconnects_waiting', '$disconnects that failed here and are tried again.', () => {
      return outbox.waiting;
    }),
    counter('disconnect_retries', 'Attempts of $disconnect after the first.', () => {
      return outbox.counts.retries;
    }),
    counter('disconnects_taken_over', '$disconnects owed by nodes that died.', () => {
      return outbox.counts.takenOver;
    }),
    counter('dead_letters', '$disconnects given up here.', () => outbox.counts.buried),
    counter('dead_letters_dropped', 'Dead letters dropped for newer ones.', () => {
      return outbox.counts.lettersDropped;
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
