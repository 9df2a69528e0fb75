import { type Cancel, type Clock, systemClock } from '../../ambient/clock.ts';
import { type Random, systemRandom } from '../../ambient/random.ts';
import { Bus } from '../bus/bus.ts';
import { encodeFrame, readFrames } from '../bus/frame.ts';
import { drawIncarnation } from '../bus/incarnation.ts';
import type { ConnectionDirectory, Counters, Engine, NodeBus, ResourceStore } from '../engine.ts';
import { RedisConnectionDirectory } from './connection-directory.ts';
import { RedisCounters } from './counters.ts';
import { Heartbeats } from './heartbeats.ts';
import { Membership } from './membership.ts';
import { RedisServer } from './redis-server.ts';
import { RedisResourceStore } from './resource-store.ts';

export interface RedisEngineOptions {
  /** As in `address.ts`. */
  readonly url: string;
  readonly clock?: Clock;
  readonly random?: Random;
  /** How often a node says that it is there, and looks for what it has missed. Default 500. */
  readonly beatMillis?: number;
  /** After so much silence a node counts as dead. Default 5000. */
  readonly lostMillis?: number;
  /** Told when Redis is out of reach, with the reason, and when it is back, without. */
  readonly onReach?: (problem: string | undefined) => void;
}

const TOPIC = 'resources';
const NO_BYTES = new Uint8Array(0);
const INCARNATION_CHARACTERS = 8;

/** Shared state in Redis or Valkey, for many machines. Needs the package `@redis/client`. */
export class RedisEngine implements Engine {
  readonly name = 'redis';
  readonly isShared = true;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #server: RedisServer;
  readonly #resources: RedisResourceStore;
  readonly #connections: RedisConnectionDirectory;
  readonly #counters: RedisCounters;
  readonly #membership: Membership;
  readonly #bus: Bus;
  readonly #heartbeats: Heartbeats;
  readonly #beatMillis: number;
  #cancelBeat: Cancel = () => {};
  #isRunning = false;
  #isInReach = true;
  readonly #onReach: (problem: string | undefined) => void;

  /** Throws a sentence when the address makes no sense. */
  constructor(options: RedisEngineOptions) {
    const { url, clock = systemClock, random = systemRandom } = options;
    const { beatMillis = 500, lostMillis = 5000 } = options;
    this.#onReach = options.onReach ?? (() => {});
    this.#clock = clock;
    this.#beatMillis = beatMillis;
    this.#random = random;
    this.#server = new RedisServer(url);
    this.#resources = new RedisResourceStore(this.#server);
    this.#connections = new RedisConnectionDirectory(this.#server, () => this.#bus.self);
    this.#counters = new RedisCounters(this.#server);
    this.#membership = new Membership(this.#server);
    this.#bus = new Bus({
      clock,
      carry: (to, frames) => this.#carry(to, frames),
      find: (incarnation) => this.#membership.has(incarnation),
    });
    this.#bus.answer(TOPIC, () => {
      void this.#resources.catchUp();
      return NO_BYTES;
    });
    this.#heartbeats = new Heartbeats({
      bus: this.#bus,
      membership: this.#membership,
      beatsUntilLost: Math.ceil(lostMillis / beatMillis),
      expelled: () => this.#becomeAnother(),
      inReach: () => this.#resources.catchUp(),
      ended: (problem) => this.#noteReach(problem),
    });
  }

  get resources(): ResourceStore {
    return this.#resources;
  }

  get connections(): ConnectionDirectory {
    return this.#connections;
  }

  get bus(): NodeBus {
    return this.#bus;
  }

  get counters(): Counters {
    return this.#counters;
  }

  async start(): Promise<void> {
    if (this.#isRunning) return;
    await this.#server.connect();
    this.#isRunning = true;
    try {
      await this.#resources.open(() => this.#bus.broadcast(TOPIC, NO_BYTES));
      this.#bus.enter(await this.#becomeMember());
      await this.#heartbeats.beat();
      this.#greet();
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#cancelBeat = this.#clock.every(this.#beatMillis, () => void this.#heartbeats.beat());
  }

  async stop(): Promise<void> {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#cancelBeat();
    this.#resources.close();
    const { self } = this.#bus;
    const others = this.#bus.members().filter((member) => member !== self);
    this.#bus.close();
    // Out of reach: the others will miss it in time.
    await this.#membership.leave(self).catch(() => {});
    const farewell = encodeFrame('farewell');
    await Promise.all(others.map((other) => this.#publish(self, other, farewell).catch(() => {})));
    await this.#server.close();
  }

  /** Draws numbers until one is nobody's, and listens under it. */
  async #becomeMember(): Promise<string> {
    for (;;) {
      const incarnation = drawIncarnation(this.#random);
      if (!(await this.#membership.enroll(incarnation))) continue;
      await this.#server.subscribe(this.#channelOf(incarnation), (message) =>
        this.#receive(message),
      );
      return incarnation;
    }
  }

  /** The others took this node for dead. */
  async #becomeAnother(): Promise<void> {
    const { self } = this.#bus;
    const another = await this.#becomeMember();
    this.#bus.reenter(another);
    this.#greet();
    await this.#server.unsubscribe(this.#channelOf(self));
  }

  /** Said once each way: what is asked of Redis meanwhile is refused by the hundred. */
  #noteReach(problem: unknown): void {
    const isInReach = problem === undefined;
    if (isInReach === this.#isInReach || !this.#isRunning) return;
    this.#isInReach = isInReach;
    this.#onReach(isInReach ? undefined : messageOf(problem));
  }

  /** So that the others need not wait for their next heartbeat to learn of this node. */
  #greet(): void {
    const { self } = this.#bus;
    for (const other of this.#bus.members()) {
      if (other === self) continue;
      void this.#publish(self, other, encodeFrame('hello')).catch(() => {});
    }
  }

  #channelOf(incarnation: string): string {
    return this.#server.channel(`node:${incarnation}`);
  }

  async #carry(to: string, frames: Buffer): Promise<boolean> {
    try {
      return (await this.#publish(this.#bus.self, to, frames)) !== 0;
    } catch {
      return false;
    }
  }

  #publish(from: string, to: string, frames: Buffer): Promise<number | undefined> {
    return this.#server.publish(this.#channelOf(to), Buffer.concat([Buffer.from(from), frames]));
  }

  #receive(message: Buffer): void {
    const from = message.toString('latin1', 0, INCARNATION_CHARACTERS);
    readFrames(message, INCARNATION_CHARACTERS, message.length, {
      frame: (kind, id, bytes, start, end) => {
        if (kind === 'farewell') return this.#bus.left(from);
        // Who sends is alive, and new if it was not known.
        this.#bus.joined(from);
        this.#bus.receive(from, kind, id, bytes, start, end);
      },
    });
  }
}

const messageOf = (problem: unknown) =>
  problem instanceof Error ? problem.message : String(problem);
