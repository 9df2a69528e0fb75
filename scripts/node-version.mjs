/**
 * Ends the process with one clear sentence on a Node.js that is too old. This file imports nothing
 * and is imported first, so that it speaks before anything newer can fail.
 */
const [major, minor] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Postern needs Node.js 20.19 or newer; this is ${process.version}. See https://nodejs.org/`,
  );
  process.exit(1);
}
