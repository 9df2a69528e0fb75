import { main, processIo } from '../../../src/cli/main.ts';

/** Run as a process: the command line from its sources, `postern` with the arguments given. */
process.exit(await main(process.argv.slice(2), processIo()));
