import { writeSync } from 'node:fs';
import { EmbeddedEngine } from '../../../src/engines/embedded/embedded-engine.ts';

/** Run as a process: commits without end to the folder given, and prints what was acknowledged. */
const engine = new EmbeddedEngine({ folder: process.argv[2]! });
await engine.start();

let next = 0;
async function write(): Promise<void> {
  for (;;) {
    const number = next++;
    const key = `api/${number}`;
    await engine.resources.commit([{ key, value: { number }, expectedVersion: 0 }]);
    // Synchronously: the line is in the pipe before anything else can happen.
    writeSync(1, `${number}\n`);
  }
}
await Promise.all(Array.from({ length: 8 }, write));
