/** Prints into the folder it watches, then writes a log, a store and code: what of it counts as a change? */
import { type FSWatcher, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { watchCode } from '../../../../src/backends/lambda/local/watch-code.ts';
import { silentLog } from '../../../../src/telemetry/log.ts';

const folder = process.argv[2]!;
let changes = 0;
const after = () => {
  changes += 1;
  return () => {};
};
watchCode(folder, () => {}, { clock: { after }, log: silentLog, watchedFoldersMax: 10 });

/** The second watch of the folder is told of the same events, and of no others. */
function seen(name: string, make: () => void): Promise<void> {
  return new Promise((resolve) => {
    const watcher: FSWatcher = watch(folder, (_, changed) => {
      if (changed !== name) return;
      watcher.close();
      setImmediate(resolve);
    });
    make();
  });
}

for (const [name, make] of [
  ['output.txt', () => process.stdout.write('a line\n')],
  ['gateway.log', () => writeFileSync(join(folder, 'gateway.log'), 'a line\n')],
  ['postern.mdb', () => writeFileSync(join(folder, 'postern.mdb'), 'a page')],
  ['index.mjs', () => writeFileSync(join(folder, 'index.mjs'), '')],
] as const) {
  await seen(name, make);
  process.stderr.write(`${name} ${changes > 0}\n`);
}
process.exit();
