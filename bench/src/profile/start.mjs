/**
 * The gateway's command from its modules and not from its bundle, so that a profile knows which folder
 * a function is of: `node --cpu-prof start.mjs CHECKOUT WORD...`.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [, , checkout = '', ...words] = process.argv;
const file = join(checkout, 'packages/gateway/dist/cli/main.js');
const { main, processIo } = await import(pathToFileURL(file).href);
process.exit(await main(words, processIo()));
