/** What a client may send. One object for all connections of a stage. */
export interface FrameLimits {
  /** As sent: compressed, where compression was agreed on. */
  readonly frameBytesMax: number;
  /** Inflated. */
  readonly messageBytesMax: number;
}

/** 128 KB in fragments of 128 bytes: no honest client sends smaller ones. */
const FRAGMENTS_MAX = 1024;

/** In how many fragments a message may come; in as many at least as its length and theirs need. */
export function fragmentsMax({ messageBytesMax, frameBytesMax }: FrameLimits): number {
  return Math.max(FRAGMENTS_MAX, Math.ceil(messageBytesMax / frameBytesMax));
}
