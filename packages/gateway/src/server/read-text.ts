/** An operator's file as text; one that cannot be read is a sentence for them. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
}

export function readTextSync(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
}

const CAUSES: Readonly<Record<string, string>> = {
  EACCES: 'this user may not',
  EISDIR: 'it is a folder',
  ENOENT: 'there is no such file',
};

const unreadable = (path: string, error: NodeJS.ErrnoException) =>
  new Error(`Cannot read ${path}: ${CAUSES[error.code ?? ''] ?? error.code}.`, { cause: error });
