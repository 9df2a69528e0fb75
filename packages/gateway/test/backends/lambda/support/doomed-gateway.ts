import { startFunctions } from './functions.ts';

/** Prints its folder and the process ids of two functions that never yield; waits to be killed. */
const functions = await startFunctions({
  files: {
    'index.mjs': 'export const handler = async () => { console.log(process.pid); for (;;); };',
    'app.py': 'import os\ndef handler(event, context):\n  print(os.getpid())\n  while True: pass',
  },
  functions: { chat: { handler: 'index.handler' }, snake: { handler: 'app.handler' } },
});
console.log(functions.folder);
for (const name of ['chat', 'snake']) {
  functions.invoke(name).catch(() => {});
  console.log((await functions.output.next()).line);
}
