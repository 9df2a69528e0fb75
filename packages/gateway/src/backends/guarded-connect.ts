/**
 * Which addresses a backend may have. Names are looked up when a connection is made and every address
 * is checked then: a name that changes its mind between check and use gains nothing.
 */
import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import type { AddressList } from '../ambient/address-list.ts';

export interface AddressGuard {
  /** Never called, such as the metadata service of a cloud, which hands out credentials. */
  readonly denied: AddressList | undefined;
  /** Called although they are among the denied. */
  readonly allowed: AddressList | undefined;
}

/** What a refused address looks like to whoever classifies errors. */
export const DENIED_ADDRESS_CODE = 'POSTERN_DENIED_ADDRESS';

/** A connector for undici with the guard before it; `options` are undici's own. */
export function guardedConnect(
  guard: AddressGuard,
  options: buildConnector.BuildOptions,
): buildConnector.connector {
  const connect = buildConnector({ ...options, lookup: guardedLookup(guard) });
  return (target, done) => {
    // An address needs no look-up and would never meet the guard there.
    const host = target.hostname.replace(/^\[(.*)\]$/, '$1');
    if (isIP(host) !== 0 && isDenied(guard, host)) return done(deniedError(host), null);
    return connect(target, done);
  };
}

function guardedLookup(guard: AddressGuard): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '', 0);
      const fit = addresses.filter(({ address }) => !isDenied(guard, address));
      const [first] = fit;
      if (!first) return done(deniedError(hostname), '', 0);
      if (options.all) return (done as unknown as AllDone)(null, fit);
      return done(null, first.address, first.family);
    });
  };
}

type AllDone = (error: null, addresses: { address: string; family: number }[]) => void;

function isDenied({ denied, allowed }: AddressGuard, address: string): boolean {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  return (denied?.has(plain) ?? false) && !(allowed?.has(plain) ?? false);
}

function deniedError(host: string): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(`backends may not be at ${host}`);
  error.code = DENIED_ADDRESS_CODE;
  return error;
}
