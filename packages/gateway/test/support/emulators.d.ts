/** Emulators of AWS services that tests run against; their packages bring no types. */
declare module 'dynalite' {
  import type { Server } from 'node:http';
  export default function dynalite(options: { createTableMs?: number }): Server;
}
declare module 'kinesalite' {
  import type { Server } from 'node:http';
  export default function kinesalite(options: { createStreamMs?: number }): Server;
}
