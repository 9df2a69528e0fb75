import type { Clock } from '../ambient/clock.ts';
import type { Random } from '../ambient/random.ts';
import { EmbeddedEngine } from '../engines/embedded/embedded-engine.ts';
import type { Engine } from '../engines/engine.ts';
import { RedisEngine } from '../engines/redis/redis-engine.ts';
import type { Log } from '../telemetry/log.ts';
import type { Configuration } from './settings.ts';

export interface EngineParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** This process is one of several over the data folder. */
  readonly shared?: SharedFolder | undefined;
}

export interface SharedFolder {
  /** Whether the folder is to survive the machine. */
  readonly durable: boolean;
}

/** The engine that the configuration names. */
export function createEngine(configuration: Configuration, parts: EngineParts): Engine {
  const { engine, data, ephemeral } = configuration;
  const { clock, random, log, shared } = parts;
  if (engine !== 'embedded') {
    const onReach = (reason: string | undefined) => {
      if (reason === undefined) log.info('Redis is in reach again');
      else log.warn('Redis is out of reach: what needs it is answered 503', { reason });
    };
    return new RedisEngine({ url: engine, clock, random, onReach });
  }
  if (shared) return new EmbeddedEngine({ folder: data, ...shared, isShared: true, clock, random });
  if (ephemeral) return new EmbeddedEngine({ ephemeral: true, clock, random });
  return new EmbeddedEngine({ folder: data, clock, random });
}
