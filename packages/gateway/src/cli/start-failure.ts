import { adminAddress } from '../server/admin-address.ts';
import type { Configuration } from '../server/config.ts';

/** As Node throws it when it cannot listen. */
type ListenError = NodeJS.ErrnoException & { readonly port?: number };

/** Why the gateway did not start, in a sentence that says what to do. */
export function explainFailure(error: unknown, configuration: Configuration): string {
  const { code, message, port: failed } = error as ListenError;
  const admin = adminAddress(configuration);
  const isAdmin = admin !== undefined && failed === admin.port && failed !== configuration.port;
  const { host, port } = isAdmin ? admin : configuration;
  const prefix = isAdmin ? '--admin-' : '--';
  switch (code) {
    case 'EADDRINUSE':
      return (
        `Port ${port} of ${host} is in use by another program. ` +
        `Choose another with ${prefix}port, or let the system pick a free one with ${prefix}port 0.`
      );
    case 'EACCES':
      return `Port ${port} needs more rights than this user has. Choose one above 1023 with ${prefix}port.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine. Choose another with ${prefix}host.`;
    default:
      return message ?? String(error);
  }
}
