import { writeSync } from 'node:fs';
import { EmbeddedEngine } from '../../../src/engines/embedded/embedded-engine.ts';

/**
 * Run as a process: adds connections without end to the folder given, removes every third, and prints
 * what was acknowledged.
 */
const engine = new EmbeddedEngine({ folder: process.argv[2]! });
await engine.start();

let next = 0;
async function live(): Promise<void> {
  for (;;) {
    const number = next++;
    const entry = await engine.connections.add(`Connection${number}`, { number });
    // Synchronously: the line is in the pipe before anything else can happen.
    writeSync(1, `+${number}\n`);
    if (number % 3 > 0) continue;
    // Said before: whether a removal that was not acknowledged took place is nobody's to know.
    writeSync(1, `-${number}\n`);
    await engine.connections.remove(entry);
  }
}
await Promise.all(Array.from({ length: 8 }, live));
