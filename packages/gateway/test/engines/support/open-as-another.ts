/** Opens the data folder it is given as a user who is not root, and prints why that fails. */
import { EmbeddedEngine } from '../../../src/engines/embedded/embedded-engine.ts';

const NOBODY = 65_534;

const [folder] = process.argv.slice(2);
if (process.getuid?.() === 0) process.seteuid?.(NOBODY);
await new EmbeddedEngine({ folder: folder! }).start().then(
  () => console.log('opened'),
  (error: Error) => console.log(error.message),
);
