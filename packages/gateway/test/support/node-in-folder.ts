import { EmbeddedEngine } from '../../src/engines/embedded/embedded-engine.ts';
import { startGateway } from './start-gateway.ts';

/** Run as a process: a gateway over the folder given, one node of several. Prints its URL. */
const engine = new EmbeddedEngine({ folder: process.argv[2]!, isShared: true });
const { url } = await startGateway({ engine });
process.stdout.write(`${url}\n`);
