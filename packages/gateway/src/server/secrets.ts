import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { PosternAccessKey, PosternUser } from '../templates/postern-file.ts';
import type { Path, Problem } from '../templates/problem.ts';
import type { Secret } from '../templates/users-yaml.ts';

/** A user with every secret looked up. Never to be printed. */
export interface User extends Omit<PosternUser, 'accessKeys' | 'tokens'> {
  readonly accessKeys: readonly UserAccessKey[];
  readonly tokens?: readonly string[];
}

export interface UserAccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly enabled: boolean;
  /** Epoch milliseconds. */
  readonly expiresAt?: number;
}

/** Tokens are sent whole: short ones can be guessed. */
const TOKEN_CHARACTERS_MIN = 16;

/** Where secrets are looked for that the file does not hold itself. */
export interface SecretPlaces {
  /** The configuration file: secret files are found relative to its folder. */
  readonly filePath: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The users with their secrets, or what is not where the file says. */
export function usersWithSecrets(
  users: readonly PosternUser[],
  places: SecretPlaces,
): { readonly users: User[]; readonly problems: Problem[] } {
  const problems: Problem[] = [];
  const find = (secret: Secret, path: Path): string => {
    try {
      return findSecret(secret, places);
    } catch (error) {
      problems.push({ path, message: (error as Error).message });
      return '';
    }
  };
  const found = users.map(({ tokens, ...user }, userIndex) => ({
    ...user,
    ...(tokens && {
      tokens: tokens.map((token, tokenIndex) => {
        const path: Path = ['users', userIndex, 'tokens', tokenIndex];
        const text = find(token, path);
        if (text !== '' && text.length < TOKEN_CHARACTERS_MIN) {
          const message = `a token needs at least ${TOKEN_CHARACTERS_MIN} characters`;
          problems.push({ path, message });
        }
        return text;
      }),
    }),
    accessKeys: user.accessKeys.map((key, keyIndex) =>
      withSecrets(key, (secret, name) =>
        find(secret, ['users', userIndex, 'accessKeys', keyIndex, name]),
      ),
    ),
  }));
  return { users: found, problems };
}

function withSecrets(
  { accessKeyId, enabled, secretAccessKey, sessionToken, expiration }: PosternAccessKey,
  find: (secret: Secret, name: string) => string,
): UserAccessKey {
  return {
    accessKeyId,
    enabled,
    secretAccessKey: find(secretAccessKey, 'secretAccessKey'),
    ...(expiration !== undefined && { expiresAt: Date.parse(expiration) }),
    ...(sessionToken !== undefined && { sessionToken: find(sessionToken, 'sessionToken') }),
  };
}

function findSecret(secret: Secret, { filePath, env }: SecretPlaces): string {
  if (typeof secret === 'string') return secret;
  if ('env' in secret) {
    const value = env[secret.env];
    if (!value) throw new Error(`the environment variable ${secret.env} is not set`);
    return value;
  }
  const path = resolve(dirname(filePath), secret.file);
  const [line = ''] = readSecretFile(path).split('\n');
  if (line.trim() === '') throw new Error(`the file ${path} is empty`);
  return line.trim();
}

function readSecretFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`cannot read the file ${path} (${(error as NodeJS.ErrnoException).code})`);
  }
}
