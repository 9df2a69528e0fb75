/** The store is out of reach for now: nothing of ours is wrong, and it may be well again any moment. */
export class EngineUnavailable extends Error {
  override readonly name = 'EngineUnavailable';
}
