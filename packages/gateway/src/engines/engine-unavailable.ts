/** The store is out of reach for now: nothing of ours is wrong, and it may be well again any moment. */
export class EngineUnavailable extends Error {
  override readonly name = 'EngineUnavailable';
}

/** There is no room: what is there is safe, and nothing can be added until somebody makes some. */
export class DiskFull extends EngineUnavailable {}

/** Whether what was to be written may be there all the same: its answer alone may have been lost. */
export function mayBeWritten(error: unknown): boolean {
  return error instanceof EngineUnavailable && !(error instanceof DiskFull);
}
