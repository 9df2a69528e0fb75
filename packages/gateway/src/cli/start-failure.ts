import type { Configuration } from '../server/config.ts';

/** Why the gateway did not start, in a sentence that says what to do. */
export function explainFailure(error: unknown, { host, port }: Configuration): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EADDRINUSE':
      return (
        `Port ${port} of ${host} is in use by another program. ` +
        'Choose another with --port, or let the system pick a free one with --port 0.'
      );
    case 'EACCES':
      return `Port ${port} needs more rights than this user has. Choose one above 1023 with --port.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine. Choose another with --host.`;
    default:
      return message ?? String(error);
  }
}
