import { type Asker, busBytesMax, busRequestsMax } from '../node-bus.ts';

/** The number of a request is its slot, and how often that was used: what comes too late finds nobody. */
const SLOT_BITS = 15;
const SLOT_MASK = (1 << SLOT_BITS) - 1;
/** Larger numbers would be objects. */
const ID_MASK = 0x7fff_ffff;

interface Slot {
  id: number;
  asker: Asker | undefined;
  /** In ticks of the clock. */
  deadline: number;
  bytes: number;
}

/** Requests to one node that wait for their answers. Their places are used again. */
export class Waiting {
  readonly #slots: Slot[] = [];
  readonly #free: number[] = [];
  #size = 0;
  #bytes = 0;

  get size(): number {
    return this.#size;
  }

  /** Whether a request of so many bytes may wait as well. */
  hasRoomFor(bytes: number): boolean {
    return this.#size < busRequestsMax && this.#bytes + bytes <= busBytesMax;
  }

  /** Returns the number that the answer is to have. */
  add(asker: Asker, deadline: number, bytes: number): number {
    const at = this.#free.pop() ?? this.#slots.length;
    this.#size += 1;
    this.#bytes += bytes;
    const slot = this.#slots[at];
    if (!slot) {
      this.#slots.push({ id: at, asker, deadline, bytes });
      return at;
    }
    slot.id = (slot.id + SLOT_MASK + 1) & ID_MASK;
    slot.asker = asker;
    slot.deadline = deadline;
    slot.bytes = bytes;
    return slot.id;
  }

  /** Whoever waits for this one, and does no longer. */
  take(id: number): Asker | undefined {
    const at = id & SLOT_MASK;
    const slot = this.#slots[at];
    if (!slot || slot.id !== id || !slot.asker) return undefined;
    const { asker } = slot;
    slot.asker = undefined;
    this.#size -= 1;
    this.#bytes -= slot.bytes;
    this.#free.push(at);
    return asker;
  }

  /** Tells all whose deadline is at `now` or before, or all, that there will be no answer. */
  end(kind: 'gone' | 'unanswered', now = Number.POSITIVE_INFINITY): void {
    for (const { id, asker, deadline } of this.#slots) {
      if (asker && deadline <= now) this.take(id)?.unanswered(kind);
    }
  }
}
