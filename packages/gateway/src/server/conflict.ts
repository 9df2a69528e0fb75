/** What must hold between settings, or between a setting and the file it names. */
import { addressList } from '../ambient/address-list.ts';
import { authoritiesIn } from './backend-authorities.ts';
import { filesIn } from './file-list.ts';
import type { Configuration } from './settings.ts';

/** The first thing that cannot be, in a sentence that says what to do; paths are absolute. */
export function conflictIn(configuration: Configuration): string | undefined {
  return (
    conflictOfTls(configuration) ??
    conflictOfProxies(configuration) ??
    conflictOfAuthorities(configuration)
  );
}

function conflictOfTls({ tlsCert, tlsKey, tlsClientCa }: Configuration): string | undefined {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    const [given, missing] = tlsCert === undefined ? ['tlsKey', 'tlsCert'] : ['tlsCert', 'tlsKey'];
    return `${given} has no use without ${missing}: set both, or neither`;
  }
  const counts = [filesIn(tlsCert).length, filesIn(tlsKey).length];
  if (counts[0] !== counts[1]) {
    return (
      `tlsCert names ${counts[0]} and tlsKey ${counts[1]} of their files: ` +
      'to each certificate belongs one key, in the same order'
    );
  }
  if (tlsClientCa !== undefined && tlsCert === undefined) {
    return 'tlsClientCa has no use without tlsCert and tlsKey';
  }
  return undefined;
}

function conflictOfProxies({ proxyProtocol, trustedProxies }: Configuration): string | undefined {
  if (!proxyProtocol || addressList(trustedProxies)) return undefined;
  return 'proxyProtocol has no use without trustedProxies: of nobody else is a header believed';
}

function conflictOfAuthorities({ backendsCa }: Configuration): string | undefined {
  try {
    if (backendsCa !== undefined) authoritiesIn(backendsCa);
    return undefined;
  } catch (error) {
    return `backendsCa: ${(error as Error).message}`;
  }
}
