/** Everything that looks at what happens: counts it, logs it, tells it to whoever is there. */
import type { Clock } from '../ambient/clock.ts';
import type { HttpCaller } from '../backends/http-caller.ts';
import type { Hub } from '../connections/hub.ts';
import { Metrics } from '../monitoring/metrics.ts';
import { Recorder } from '../monitoring/recorder.ts';
import { StageLogs } from '../monitoring/stage-logs.ts';
import { Activity } from '../telemetry/activity.ts';
import type { Log } from '../telemetry/log.ts';
import type { Configuration } from './config.ts';
import { logFolder } from './log-folder.ts';

export interface Observers {
  /** What all parts tell; it passes on to the others. */
  readonly recorder: Recorder;
  readonly metrics: Metrics;
  readonly stageLogs: StageLogs;
  readonly activity: Activity;
}

export interface ObserverParts {
  readonly configuration: Configuration;
  readonly clock: Clock;
  readonly log: Log;
  readonly hub: Hub;
  readonly http: HttpCaller;
  /** Receives the lines of stage logs that go to standard output; the process's own when left out. */
  readonly stdout: ((text: string) => void) | undefined;
}

export function createObservers(parts: ObserverParts): Observers {
  const { configuration, clock, log, hub, http, stdout } = parts;
  const activity = new Activity({ now: () => clock.turnNow(), connections: () => hub.size });
  const metrics = new Metrics({
    *openConnections() {
      for (const { facts } of hub.all()) yield facts;
    },
  });
  const stageLogs = new StageLogs({
    groups: configuration.stageLogs,
    folder: logFolder(configuration),
    http,
    log,
    stdout: stdout ?? ((text) => void process.stdout.write(text)),
  });
  const recorder = new Recorder({ log: activity.watching(log), clock, metrics, stageLogs });
  return { recorder, metrics, stageLogs, activity };
}
