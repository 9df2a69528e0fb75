/**
 * Loaded into a gateway before its own modules: takes a CPU profile from one SIGUSR2 to the next and writes it
 * into the file that this module's address names, `?file=PATH`.
 */
import { renameSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';

const file = new URL(import.meta.url).searchParams.get('file') ?? '';
/** @type {Session | null} */
let session = null;

process.on('SIGUSR2', () => {
  if (session === null) {
    session = new Session();
    session.connect();
    session.post('Profiler.enable');
    session.post('Profiler.start');
    return;
  }
  session.post('Profiler.stop', (error, { profile }) => {
    if (error !== null) throw error;
    // Whoever waits for the file finds it whole.
    writeFileSync(`${file}.part`, JSON.stringify(profile));
    renameSync(`${file}.part`, file);
  });
  session.disconnect();
  session = null;
});
