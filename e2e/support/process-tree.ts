import { readdirSync, readFileSync } from 'node:fs';

/** The ids of a process's descendants, as Linux tells them; elsewhere none. */
export function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of process.platform === 'linux' ? readdirSync('/proc') : []) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(Number(name));
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const found: number[] = [];
  for (let front = [pid]; front.length > 0; ) {
    front = [...parents].filter(([, parent]) => front.includes(parent)).map(([child]) => child);
    found.push(...front);
  }
  return found;
}

/** Whether it runs. One that has ended and that nobody has asked how is gone, though its id is not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return process.platform !== 'linux' || !/^State:\s*[ZX]/m.test(statusOf(pid));
}

/** The words a process was started with, as Linux tells them; elsewhere none. */
export function commandOf(pid: number): string {
  return procFile(pid, 'cmdline').replaceAll('\0', ' ').trim();
}

function parentOf(pid: number): number | undefined {
  const parent = /^PPid:\s*(\d+)/m.exec(statusOf(pid))?.[1];
  return parent === undefined ? undefined : Number(parent);
}

const statusOf = (pid: number) => procFile(pid, 'status');

/** Empty of a process that has ended meanwhile. */
function procFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
