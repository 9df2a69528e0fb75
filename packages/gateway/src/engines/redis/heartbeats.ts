import type { Bus } from '../bus/bus.ts';
import type { Membership } from './membership.ts';

export interface HeartbeatsOptions {
  readonly bus: Bus;
  readonly membership: Membership;
  /** A node whose number stands still for so many of this one's heartbeats is struck off. */
  readonly beatsUntilLost: number;
  /** This node was struck off: it goes on under another incarnation. */
  expelled(): Promise<void>;
  /** Redis is in reach: whatever was missed can be had. */
  inReach(): Promise<void>;
  /** What came of a heartbeat; `undefined` for one that came through. */
  ended(problem: unknown): void;
}

interface Sighting {
  readonly number: string;
  /** Heartbeats of this node during which it has not moved. */
  beats: number;
}

/**
 * Says again and again that this node lives, and follows who else does. Time is counted in heartbeats that
 * came through: while Redis is away nobody is missed, and afterwards everybody has time to come back.
 */
export class Heartbeats {
  readonly #options: HeartbeatsOptions;
  readonly #sightings = new Map<string, Sighting>();
  #beating: Promise<void> | undefined;

  constructor(options: HeartbeatsOptions) {
    this.#options = options;
  }

  /** One at a time. Never rejects: while Redis is out of reach, everything stays as it is. */
  beat(): Promise<void> {
    const { ended } = this.#options;
    this.#beating ??= this.#beat()
      .then(() => ended(undefined), ended)
      .finally(() => {
        this.#beating = undefined;
      });
    return this.#beating;
  }

  async #beat(): Promise<void> {
    const { bus, membership, expelled, inReach } = this.#options;
    const { self } = bus;
    if (self === '') return;
    const known = bus.members().filter((member) => member !== self);
    const roll = await membership.beat(self, known);
    // Stopped meanwhile.
    if (bus.self !== self) return;
    if (!roll) return expelled();
    for (const member of roll.gone) {
      this.#sightings.delete(member);
      bus.left(member);
    }
    for (const member of roll.alive.keys()) bus.joined(member);
    await Promise.all([this.#buryTheSilent(self, roll.alive), inReach()]);
  }

  async #buryTheSilent(self: string, alive: ReadonlyMap<string, string>): Promise<void> {
    const { bus, membership, beatsUntilLost } = this.#options;
    const silent = bus.members().filter((member) => {
      if (member === self) return false;
      const number = alive.get(member) ?? '';
      const sighting = this.#sightings.get(member);
      if (sighting?.number === number) sighting.beats += 1;
      else this.#sightings.set(member, { number, beats: 0 });
      return sighting?.number === number && sighting.beats >= beatsUntilLost;
    });
    await Promise.all(silent.map((member) => membership.bury(member, alive.get(member) ?? '')));
    // Whether it was this node that did it or another one, the next heartbeat tells.
  }
}
