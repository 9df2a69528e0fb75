/**
 * Deadlines of calls under way: one timer for each length of time, set for the call that began first.
 * Nearly every call ends long before its own, and a timer for each would be made only to be cancelled.
 */
import type { Cancel, Clock } from '../../ambient/clock.ts';

/** Something that has only so long. It is itself the link of the list in which it waits. */
export abstract class Deadline {
  /** Ticks of the clock; the queue's to write, as the links are. */
  due = 0;
  before: Deadline | undefined = undefined;
  behind: Deadline | undefined = undefined;
  queue: DeadlineQueue | undefined = undefined;

  /** Its time is up. Not called once it has been ended. */
  abstract passed(): void;
}

export class Deadlines {
  readonly #clock: Clock;
  readonly #queues = new Map<number, DeadlineQueue>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(deadline: Deadline, millis: number): void {
    let queue = this.#queues.get(millis);
    if (!queue) {
      queue = new DeadlineQueue(this.#clock, millis);
      this.#queues.set(millis, queue);
    }
    queue.add(deadline);
  }

  /** Safe to call twice. */
  end(deadline: Deadline): void {
    deadline.queue?.remove(deadline);
  }

  /** No deadline passes any more. */
  stop(): void {
    for (const queue of this.#queues.values()) queue.stop();
  }
}

/** All of one length, so that whoever came first is due first. */
class DeadlineQueue {
  readonly #clock: Clock;
  readonly #millis: number;
  #first: Deadline | undefined;
  #last: Deadline | undefined;
  #cancelTimer: Cancel | undefined;

  constructor(clock: Clock, millis: number) {
    this.#clock = clock;
    this.#millis = millis;
  }

  add(deadline: Deadline): void {
    deadline.queue = this;
    deadline.due = this.#clock.turnTicks() + this.#millis;
    deadline.before = this.#last;
    if (this.#last) this.#last.behind = deadline;
    else this.#first = deadline;
    this.#last = deadline;
    this.#cancelTimer ??= this.#clock.after(this.#millis, this.#look);
  }

  remove(deadline: Deadline): void {
    const { before, behind } = deadline;
    if (before) before.behind = behind;
    else this.#first = behind;
    if (behind) behind.before = before;
    else this.#last = before;
    deadline.before = undefined;
    deadline.behind = undefined;
    deadline.queue = undefined;
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** The timer outlives the call it was set for; while there is none it is not set again. */
  readonly #look = (): void => {
    this.#cancelTimer = undefined;
    const now = this.#clock.ticks();
    for (let first = this.#first; first && first.due <= now; first = this.#first) {
      this.remove(first);
      first.passed();
    }
    if (this.#first && !this.#cancelTimer) {
      this.#cancelTimer = this.#clock.after(this.#first.due - now, this.#look);
    }
  };
}
