import { systemClock } from '../ambient/clock.ts';
import { loadConfiguration } from '../server/config.ts';
import { withoutPassword } from '../server/configuration-in-force.ts';
import { settingsOf } from '../server/settings.ts';
import { jsonLog } from '../telemetry/json-log.ts';
import { lineBuffer } from '../telemetry/line-buffer.ts';
import { stageUrl } from './addresses.ts';
import type { Command } from './command.ts';
import { followUsers } from './follow-users.ts';
import { type Served, serve } from './serve.ts';

export const start: Command = {
  name: 'start',
  mode: 'start',
  sentence: 'Run for others: signatures verified, one JSON object per log line.',
  about: `Runs the gateway as a service. Every request to @connections and to the control plane must be
signed by a user of postern.yaml whose policies allow it. The log is one JSON object per line.
Users, keys and policies follow their files within ten seconds, and at once on SIGHUP.`,

  async run(argv, io) {
    io.outliveReaders(droppedLines);
    // From the first moment to the last: unheard, SIGHUP would end the process.
    let isAsked = false;
    io.onReloadSignal(() => {
      isAsked = true;
    });
    // As bytes: of a long text Node.js first counts them, and that takes longer than making them.
    const lines = lineBuffer((text) => void io.stdout.write(Buffer.from(text)));
    process.once('exit', lines.flush);
    const load = () => {
      const loaded = loadConfiguration({ argv, env: io.env, cwd: io.cwd, mode: 'start' });
      return { ...loaded, file: loaded.file };
    };
    const code = await serve({
      mode: 'start',
      io,
      load,
      logFor: (_, role) => jsonLog({ destination: lines, ...(role && { worker: role.number }) }),
      onReady(served) {
        if (served.isFirst) report(served);
        return followUsers({
          ...served,
          load,
          clock: systemClock,
          onReloadSignal(listener) {
            const cancel = io.onReloadSignal(listener);
            // While it started.
            if (isAsked) listener();
            return cancel;
          },
        });
      },
    });
    lines.flush();
    process.off('exit', lines.flush);
    return code;
  },
};

function droppedLines(lines: number): string {
  let note = '';
  const log = jsonLog({ destination: { write: (line) => (note = line) } });
  log.warn('Whoever reads this log was too slow: lines were dropped here', { lines });
  return note;
}

function report({ gateway, loaded, log }: Served): void {
  const { configuration, users } = loaded;
  const rows = settingsOf('start').map(([key]) => [key, withoutPassword(configuration[key])]);
  log.info('Configuration', Object.fromEntries(rows));
  if (!users.some(({ accessKeys }) => accessKeys.some(({ enabled }) => enabled))) {
    log.warn(
      'No access keys are configured: every push and every control-plane call will be refused. ' +
        'Add users with accessKeys and policies to postern.yaml.',
    );
  }
  if (gateway.adminUrl !== undefined) log.info('Control plane', { url: gateway.adminUrl });
  if (gateway.consoleUrl) log.info('Console', { url: gateway.consoleUrl });
  const stages = gateway.stages();
  for (const stage of stages) {
    const { apiId, stageName } = stage;
    log.info('Serving', { apiId, stage: stageName, url: stageUrl(gateway.url, stage, stages) });
  }
}
