/** A process that may open few files opens one after the other, and prints what is said of it. */
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { watchOpenFiles } from '../../src/cli/open-files.ts';
import { FakeClock } from './fake-clock.ts';

const clock = new FakeClock();
const lines: string[] = [];
const say = (message: string, fields: object = {}) =>
  void lines.push(`${message} ${JSON.stringify(fields)}`);
watchOpenFiles({ connectionsMax: 1000, log: { info: say, warn: say }, clock });
const files: number[] = [];
try {
  for (;;) {
    files.push(openSync(devNull, 'r'));
    clock.advance(10_000);
  }
} catch {
  // None is left.
}
clock.advance(20_000);
for (const file of files) closeSync(file);
clock.advance(20_000);
console.log(lines.join('\n'));
