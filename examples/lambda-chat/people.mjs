/**
 * Who is connected: a file for each connection, which every process of the function sees. On AWS no
 * folder is shared: put your table here.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = join(tmpdir(), 'lambda-chat');
await mkdir(folder, { recursive: true });

export const add = (connectionId, name) => writeFile(join(folder, connectionId), name);

export const nameOf = (connectionId) => readFile(join(folder, connectionId), 'utf8');

export const all = () => readdir(folder);

export const remove = (connectionId) => rm(join(folder, connectionId), { force: true });
