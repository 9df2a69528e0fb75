import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { z } from 'zod';
import { type PosternFile, posternFile } from '../templates/postern-file.ts';
import { type PosternEntries, posternShape } from '../templates/postern-yaml.ts';
import { type Problem, pathText, problemsOf, strict } from '../templates/problem.ts';
import { parseYaml } from '../templates/yaml-document.ts';
import { ConfigurationError } from './configuration-error.ts';
import { allSettings } from './settings.ts';

export interface ConfigFile {
  /** The settings the file names; not the others. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly file: PosternFile;
  /** A problem found later, worded like those found here: file, path, words, line. */
  describe(problem: Problem): string;
}

/** Everything `postern.yaml` may hold: any setting of the table, APIs, functions and users. */
export const configFileSchema = strict({ ...settingShape(), ...posternShape });

/** Throws `ConfigurationError`: `postern.yaml: apis.chat.id: expected …, got 42 (line 3)`. */
export function readConfigFile(path: string): ConfigFile {
  return parseConfigFile(readText(path), basename(path));
}

export function parseConfigFile(text: string, name: string): ConfigFile {
  const document = parseYaml(text);
  if ('errors' in document) {
    throw new ConfigurationError(
      document.errors.map(({ message, line }) => `${name}: ${message}${atLine(line)}`),
    );
  }
  const describe = ({ path, message }: Problem) => {
    const place = path.length > 0 ? `${pathText(path)}: ` : '';
    return `${name}: ${place}${message}${atLine(document.lineOf(path))}`;
  };
  const result = configFileSchema.safeParse(document.value);
  if (!result.success) {
    throw new ConfigurationError(problemsOf(result.error, document.value).map(describe));
  }
  const { apis, users, functions, services, ...settings } = result.data as PosternEntries &
    Record<string, unknown>;
  return { settings, file: posternFile({ apis, users, functions, services }), describe };
}

const atLine = (line: number | undefined) => (line === undefined ? '' : ` (line ${line})`);

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigurationError([`Cannot read ${path}: ${(error as Error).message}`]);
  }
}

function settingShape(): Record<string, z.ZodType> {
  const rows = allSettings().filter(([, { isInFile }]) => isInFile !== false);
  return Object.fromEntries(
    rows.map(([key, { type, sentence }]) => [key, type.schema.optional().describe(sentence)]),
  );
}
