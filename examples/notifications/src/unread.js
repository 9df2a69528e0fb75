/** How many notifications each user has not read yet, by type. Kept in memory, as it is a sample. */
export class Unread {
  #byUser = new Map();

  add(user, type) {
    const counts = this.counts(user);
    counts[type] = (counts[type] ?? 0) + 1;
    this.#byUser.set(user, counts);
  }

  clear(user) {
    this.#byUser.delete(user);
  }

  counts(user) {
    return { ...this.#byUser.get(user) };
  }
}
