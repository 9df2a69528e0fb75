import type { Clock } from '../ambient/clock.ts';
import type { Random } from '../ambient/random.ts';
import { EmbeddedEngine } from '../engines/embedded/embedded-engine.ts';
import type { Engine } from '../engines/engine.ts';
import { RedisEngine } from '../engines/redis/redis-engine.ts';
import type { Configuration } from './settings.ts';

export interface EngineParts {
  readonly clock: Clock;
  readonly random: Random;
  /** This process is one of several over one folder: the data folder, or this one that nobody keeps. */
  readonly shared?: SharedFolder | undefined;
}

export interface SharedFolder {
  readonly temporaryFolder?: string;
}

/** The engine that the configuration names. */
export function createEngine(configuration: Configuration, parts: EngineParts): Engine {
  const { engine, data, ephemeral } = configuration;
  const { clock, random, shared } = parts;
  if (engine !== 'embedded') return new RedisEngine({ url: engine, clock, random });
  if (shared) {
    const folder = shared.temporaryFolder ?? data;
    const durable = shared.temporaryFolder === undefined;
    return new EmbeddedEngine({ folder, durable, isShared: true, clock, random });
  }
  if (ephemeral) return new EmbeddedEngine({ ephemeral: true, clock, random });
  return new EmbeddedEngine({ folder: data, clock, random });
}
