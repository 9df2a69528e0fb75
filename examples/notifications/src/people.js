import { HttpError } from './json.js';

/** Who is online, by the records the backend kit keeps. */
export class People {
  #backend;

  constructor(backend) {
    this.#backend = backend;
  }

  /** Each person once, by name, with the number of their open tabs. */
  async online() {
    const tabs = new Map();
    for (const { user_id } of await this.#backend.connections()) {
      tabs.set(user_id, (tabs.get(user_id) ?? 0) + 1);
    }
    return [...tabs]
      .map(([name, count]) => ({ name, tabs: count }))
      .sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Tells everyone who is here. A push finds connections that are gone: then it tells once more. */
  async announce() {
    const before = await this.online();
    await this.#tell(before);
    const after = await this.online();
    if (JSON.stringify(after) !== JSON.stringify(before)) await this.#tell(after);
  }

  /** The users a notification goes to; an empty list stands for everyone but the author. */
  async recipients(to, author) {
    if (!Array.isArray(to) || !to.every((name) => typeof name === 'string')) {
      throw new HttpError(400, 'Recipients are a list of names.');
    }
    const names = (await this.online()).map(({ name }) => name);
    if (to.length === 0) return names.filter((name) => name !== author);
    return names.filter((name) => to.includes(name));
  }

  async #tell(people) {
    const names = people.map(({ name }) => name);
    await this.#backend.pushToUsers(names, { type: 'presence', people });
  }
}
