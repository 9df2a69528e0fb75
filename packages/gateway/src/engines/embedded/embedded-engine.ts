import { randomBytes } from 'node:crypto';
import type { ConnectionDirectory, Engine, ResourceStore } from '../engine.ts';
import { EmbeddedConnectionDirectory, type Membership } from './connection-directory.ts';
import { type DataFolder, openDataFolder, openEphemeralFolder } from './data-folder.ts';
import { EmbeddedResourceStore } from './resource-store.ts';

/**
 * Shared state in one folder on this machine, over LMDB: crash-safe, no server to run.
 * `folder` is made when it is missing. `ephemeral` keeps nothing: a temporary folder, never flushed
 * to disk, removed when the engine stops.
 */
export type EmbeddedEngineOptions = { readonly folder: string } | { readonly ephemeral: true };

export class EmbeddedEngine implements Engine {
  readonly name = 'embedded';
  readonly #options: EmbeddedEngineOptions;
  readonly #resources = new EmbeddedResourceStore();
  readonly #connections = new EmbeddedConnectionDirectory(alone());
  #folder: DataFolder | undefined;

  constructor(options: EmbeddedEngineOptions) {
    this.#options = options;
  }

  get resources(): ResourceStore {
    return this.#resources;
  }

  get connections(): ConnectionDirectory {
    return this.#connections;
  }

  async start(): Promise<void> {
    if (this.#folder) return;
    this.#folder =
      'folder' in this.#options
        ? await openDataFolder(this.#options.folder)
        : await openEphemeralFolder();
    this.#resources.open(this.#folder);
    this.#connections.open(this.#folder);
  }

  async stop(): Promise<void> {
    const folder = this.#folder;
    this.#folder = undefined;
    await this.#resources.close();
    await this.#connections.close();
    await folder?.close();
  }
}

/** One process: whoever wrote something before it is gone. */
function alone(): Membership {
  const self = randomBytes(4).toString('hex');
  return { self, isMember: (incarnation) => incarnation === self };
}
