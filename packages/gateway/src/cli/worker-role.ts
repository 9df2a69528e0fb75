import cluster from 'node:cluster';
import { rmSync } from 'node:fs';

/** What a process knows that serves beside others, under a supervisor (`supervisor.ts`). */
export interface WorkerRole {
  /** From 1. The first one does what is to be done once: the file's APIs, the greeting. */
  readonly number: number;
  /** In place of a data folder, where nothing is to be kept. */
  readonly temporaryFolder?: string;
  /** Whether its log ends up on a terminal that shows colours. */
  readonly isColored: boolean;
}

const VARIABLE = 'POSTERN_WORKER';

/** Variables for a worker's environment. */
export function roleVariables(role: WorkerRole): Record<string, string> {
  return { [VARIABLE]: JSON.stringify(role) };
}

/** `undefined` in a process of its own, or in the supervisor. */
export function workerRole(
  env: Readonly<Record<string, string | undefined>>,
): WorkerRole | undefined {
  const text = env[VARIABLE];
  return text === undefined ? undefined : (JSON.parse(text) as WorkerRole);
}

/** A supervisor that was killed cannot remove the folder it made: a worker that ends without it does. */
export function removeWhenOrphaned(folder: string): void {
  process.once('exit', () => {
    if (!process.connected) rmSync(folder, { recursive: true, force: true });
  });
}

/**
 * Calls `listener` when the supervisor is gone, killed without a word to its workers. On its own, `node:cluster`
 * would end this process there and then, with everything it has under way.
 */
export function onOrphaned(listener: () => void): void {
  const { worker } = cluster;
  worker?.once('disconnect', () => {
    worker.exitedAfterDisconnect = true;
    listener();
  });
}

/** Tells the supervisor where this worker serves. */
export function sayReady(address: string): void {
  // Without a supervisor nobody hears.
  process.send?.({ ready: address }, () => {});
}

/** The address in a worker's message; `undefined` for any other message. */
export function readyAddress(message: unknown): string | undefined {
  const { ready } = (message ?? {}) as { ready?: unknown };
  return typeof ready === 'string' ? ready : undefined;
}

/** This worker's end of the channel to its supervisor. Without a supervisor nobody hears. */
export function supervisorChannel() {
  return {
    send: (message: object) => void process.send?.(message, () => {}),
    onMessage: (listener: (message: unknown) => void) => void process.on('message', listener),
  };
}
