/**
 * Which stage the URL of a handshake names. Clients come to the same few URLs by the thousand: what was
 * found once is remembered until a stage or a domain changes.
 */
import type { CompiledStage } from '../resources/compiled-stage.ts';
import { isAmbiguous, parseAddress, resolveStage } from './address.ts';
import type { StageTable } from './stage-table.ts';

/** Beyond so many URLs, the remembering begins anew. */
const REMEMBERED_MAX = 1000;

export class KnownAddresses {
  readonly #stages: StageTable;
  /** By host and path as they were sent, a blank between them. */
  readonly #known = new Map<string, CompiledStage>();
  #version = -1;

  constructor(stages: StageTable) {
    this.#stages = stages;
  }

  /** `undefined` where the URL names no deployed stage, or names `@connections`. */
  stageOf(host: string | undefined, path: string): CompiledStage | undefined {
    if (this.#version !== this.#stages.version || this.#known.size >= REMEMBERED_MAX) {
      this.#known.clear();
      this.#version = this.#stages.version;
    }
    const key = `${host} ${path}`;
    const known = this.#known.get(key);
    if (known) return known;
    const stage = this.#find(host, path);
    if (stage) this.#known.set(key, stage);
    return stage;
  }

  /** For the operator: why a URL names none. Two APIs with a stage of one name are easily made by mistake. */
  whyNone(host: string | undefined, path: string): string {
    return isAmbiguous(this.#stages, parseAddress(host, path))
      ? 'several APIs have this stage: the URL has to name one, as /{apiId}/{stage}'
      : 'the URL names no deployed stage';
  }

  #find(host: string | undefined, path: string): CompiledStage | undefined {
    const address = parseAddress(host, path);
    return address.connection ? undefined : resolveStage(this.#stages, address);
  }
}
