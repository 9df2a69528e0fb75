import { main, processIo } from '../../src/cli/main.ts';

/** Run as a process: the command, from its sources. */
process.exitCode = await main(process.argv.slice(2), processIo());
