import { type Cancel, type Clock, systemClock } from '../../ambient/clock.ts';
import { type Random, systemRandom } from '../../ambient/random.ts';
import { Bus } from '../bus/bus.ts';
import { drawIncarnation } from '../bus/incarnation.ts';
import type { ConnectionDirectory, Counters, Engine, NodeBus, ResourceStore } from '../engine.ts';
import { EmbeddedConnectionDirectory } from './connection-directory.ts';
import { EmbeddedCounters } from './counters.ts';
import { type DataFolder, openDataFolder, openEphemeralFolder } from './data-folder.ts';
import { LocalSockets } from './local-sockets.ts';
import { EmbeddedResourceStore } from './resource-store.ts';

/**
 * Shared state in one folder on this machine, over LMDB: crash-safe, no server to run.
 * `folder` is made when it is missing, and may be opened by several processes, which then are the nodes
 * of one gateway. `ephemeral` keeps nothing and is nobody else's: a temporary folder, never flushed to
 * disk, removed when the engine stops.
 */
export type EmbeddedEngineOptions = (
  | {
      readonly folder: string;
      /** Default true. Where it is false, commits survive a killed process but no power cut. */
      readonly durable?: boolean;
      /** Whether other processes count on the same folder. Default false. */
      readonly isShared?: boolean;
    }
  | { readonly ephemeral: true }
) & { readonly clock?: Clock; readonly random?: Random };

const TOPIC = 'resources';
const NO_BYTES = new Uint8Array(0);
/** How long a commit waits for the other processes to have seen it. */
const ANNOUNCE_MILLIS = 1000;
/** Whatever announcement was missed is found by then. */
const CATCH_UP_MILLIS = 500;

export class EmbeddedEngine implements Engine {
  readonly name = 'embedded';
  readonly isShared: boolean;
  readonly #options: EmbeddedEngineOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #resources = new EmbeddedResourceStore();
  readonly #connections: EmbeddedConnectionDirectory;
  readonly #counters: EmbeddedCounters;
  readonly #bus: Bus;
  readonly #sockets: LocalSockets;
  #folder: DataFolder | undefined;
  #cancelCatchUp: Cancel = () => {};

  constructor(options: EmbeddedEngineOptions) {
    this.#options = options;
    this.isShared = 'folder' in options && options.isShared === true;
    this.#clock = options.clock ?? systemClock;
    this.#counters = new EmbeddedCounters(this.#clock);
    this.#random = options.random ?? systemRandom;
    this.#sockets = new LocalSockets({ clock: this.#clock, random: this.#random });
    const carry = (to: string, frames: Buffer) => this.#sockets.carry(to, frames);
    this.#bus = new Bus({ clock: this.#clock, carry });
    this.#connections = new EmbeddedConnectionDirectory({
      self: () => this.#bus.self,
      isMember: (incarnation) => this.#isMember(incarnation),
    });
    this.#bus.answer(TOPIC, async () => {
      await this.#resources.catchUp();
      return NO_BYTES;
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
    if (this.#folder) return;
    const folder =
      'folder' in this.#options
        ? await openDataFolder(this.#options.folder, { durable: this.#options.durable ?? true })
        : await openEphemeralFolder();
    this.#folder = folder;
    this.#resources.open(folder, () => this.#announce());
    this.#connections.open(folder);
    this.#counters.open(folder);
    if (!('folder' in this.#options)) {
      // Nobody else knows of the folder.
      this.#bus.enter(drawIncarnation(this.#random));
      return;
    }
    await this.#sockets.start(this.#bus, folder);
    this.#cancelCatchUp = this.#clock.every(CATCH_UP_MILLIS, () => void this.#resources.catchUp());
  }

  async stop(): Promise<void> {
    const folder = this.#folder;
    this.#folder = undefined;
    this.#cancelCatchUp();
    await this.#resources.close();
    await this.#connections.close();
    this.#counters.close();
    await this.#sockets.stop();
    this.#bus.close();
    await folder?.close();
  }

  /** Also one that has enrolled and not called yet: what it has written is nobody else's. */
  #isMember(incarnation: string): boolean {
    if (this.#bus.isMember(incarnation)) return true;
    this.#folder?.refresh();
    return this.#folder?.members.get(incarnation) !== undefined;
  }

  /** Every other process has seen what is committed, and it is in force there; or a second has passed. */
  async #announce(): Promise<void> {
    const others = this.#bus.members().filter((member) => member !== this.#bus.self);
    await Promise.all(
      others.map((member) => this.#bus.request(member, TOPIC, NO_BYTES, ANNOUNCE_MILLIS)),
    );
  }
}
