/**
 * Which hosts a backend may have. Names are looked up when a connection is made and every address is
 * checked then: a name that changes its mind between check and use gains nothing.
 */
import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { buildConnector } from 'undici';
import type { HostList } from '../ambient/host-list.ts';

export interface HostGuard {
  /** Never called, such as the metadata service of a cloud, which hands out credentials. */
  readonly denied: HostList | undefined;
  /** Called although they are among the denied: a name wherever it is, an address under any name. */
  readonly allowed: HostList | undefined;
}

/** What a refused host looks like to whoever classifies errors. */
export const DENIED_HOST_CODE = 'POSTERN_DENIED_HOST';

/** Makes a connection, as undici calls for one. */
export type Connect = buildConnector.connector;

/** The guard before whoever connects, which has to look names up with `guardedLookup`. */
export function guardedConnect(guard: HostGuard, connect: Connect): Connect {
  return (target, done) => {
    const host = target.hostname.replace(/^\[(.*)\]$/, '$1');
    // An address needs no look-up and would never meet the guard there.
    const isDenied = isIP(host) === 0 ? isDeniedName(guard, host) : isDeniedAddress(guard, host);
    if (isDenied) return done(deniedError(host), null);
    return connect({ ...target, hostname: host }, done);
  };
}

/** Of the addresses of a name, those that may be called. */
export function guardedLookup(guard: HostGuard): LookupFunction {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '', 0);
      const isTrusted = guard.allowed?.hasName(hostname) ?? false;
      const fit = isTrusted
        ? addresses
        : addresses.filter(({ address }) => !isDeniedAddress(guard, address));
      const [first] = fit;
      if (!first) return done(deniedError(hostname), '', 0);
      if (options.all) return (done as unknown as AllDone)(null, fit);
      return done(null, first.address, first.family);
    });
  };
}

type AllDone = (error: null, addresses: { address: string; family: number }[]) => void;

function isDeniedName({ denied, allowed }: HostGuard, host: string): boolean {
  return (denied?.hasName(host) ?? false) && !(allowed?.hasName(host) ?? false);
}

function isDeniedAddress({ denied, allowed }: HostGuard, address: string): boolean {
  return (denied?.hasAddress(address) ?? false) && !(allowed?.hasAddress(address) ?? false);
}

function deniedError(host: string): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(`backends may not be at ${host}`);
  error.code = DENIED_HOST_CODE;
  return error;
}
