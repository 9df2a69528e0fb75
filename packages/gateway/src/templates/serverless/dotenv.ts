import { parseEnv } from 'node:util';
import type { ProjectFiles } from '../source/project-files.ts';

/**
 * What `useDotenv` adds to the environment: the variables of `.env.{stage}`, or of `.env` where there is no such
 * file. The environment itself goes before.
 */
export function readDotenv(files: ProjectFiles, stage: string): Readonly<Record<string, string>> {
  const text = files.read(`.env.${stage}`) ?? files.read('.env') ?? '';
  const entries = Object.entries(parseEnv(text));
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
