/**
 * What one client address may do to a stage, where the stage says so: new connections a second, and
 * connections open at a time. Ours: AWS knows no such limits. Every node counts what it serves itself.
 */
import { isIPv6 } from 'node:net';
import type { Clock } from '../ambient/clock.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import { type Excess, excess } from './excess.ts';
import { TokenBucket } from './token-bucket.ts';

/** A connection that counts, from its handshake on until it is given back. */
export interface Seat {
  readonly kind: 'seat';
  /** Once. */
  release(): void;
}

export interface NoSeat extends Excess {
  readonly kind: 'excess';
}

interface Counts {
  readonly buckets: Map<string, TokenBucket>;
  readonly open: Map<string, number>;
}

/** Beyond so many addresses, those that were not seen for longest begin anew. */
const ADDRESSES_MAX = 50_000;

const uncounted: Seat = { kind: 'seat', release() {} };

export class AddressLimits {
  readonly #clock: Pick<Clock, 'now'>;
  /** By apiId and stage name, once a stage with limits was asked for. */
  readonly #stages = new Map<string, Counts>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** A handshake from `address`. A seat that was given must be released when its connection is over. */
  enter(stage: CompiledStage, address: string): Seat | NoSeat {
    const { connectsPerSecondPerAddressMax, connectionsPerAddressMax } = stage.extensions;
    if (connectsPerSecondPerAddressMax === 0 && connectionsPerAddressMax === 0) return uncounted;
    const { buckets, open } = this.#countsOf(stage);
    const group = groupOf(address);
    if (connectsPerSecondPerAddressMax > 0 && !this.#take(stage, buckets, group)) {
      return noSeat('connectsPerSecondPerAddressMax');
    }
    if (connectionsPerAddressMax === 0) return uncounted;
    const before = open.get(group) ?? 0;
    if (before >= connectionsPerAddressMax) return noSeat('connectionsPerAddressMax');
    open.set(group, before + 1);
    return { kind: 'seat', release: () => leave(open, group) };
  }

  /** The stage is no longer there, and neither is what was counted for it. */
  forget(stage: CompiledStage): void {
    this.#stages.delete(keyOf(stage));
  }

  #countsOf(stage: CompiledStage): Counts {
    const known = this.#stages.get(keyOf(stage));
    if (known) return known;
    const counts = { buckets: new Map(), open: new Map() };
    this.#stages.set(keyOf(stage), counts);
    return counts;
  }

  #take({ extensions }: CompiledStage, buckets: Counts['buckets'], group: string): boolean {
    const rateLimit = extensions.connectsPerSecondPerAddressMax;
    const now = this.#clock.now();
    const known = buckets.get(group);
    const bucket =
      known?.limit.rateLimit === rateLimit
        ? known
        : new TokenBucket({ rateLimit, burstLimit: rateLimit }, now);
    // Set anew, so that the first of the map is the one that was not seen for longest.
    buckets.delete(group);
    buckets.set(group, bucket);
    const [oldest] = buckets.keys();
    if (buckets.size > ADDRESSES_MAX && oldest !== undefined) buckets.delete(oldest);
    return bucket.take(now);
  }
}

function leave(open: Counts['open'], group: string): void {
  const after = (open.get(group) ?? 0) - 1;
  if (after > 0) open.set(group, after);
  else open.delete(group);
}

/** Whoever has one IPv6 address has the 2^64 of its network: they count as one. */
export function groupOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%', 1)[0]!.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const last = tail === '' ? [] : tail.split(':');
    // An IPv4 address at the end is two groups.
    const missing = 8 - groups.length - last.length - (tail.includes('.') ? 1 : 0);
    groups.push(...Array.from({ length: missing }, () => '0'), ...last);
  }
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}

const keyOf = ({ apiId, stageName }: CompiledStage) => `${apiId}/${stageName}`;
const noSeat = (setting: string): NoSeat => ({
  kind: 'excess',
  ...excess('address-limit', setting),
});
