import type { NamedStage } from '../stages/address.ts';

/** What policies call the connections of a stage; made once for each stage and method. */
export class ConnectionResources {
  readonly #prefix: string;
  readonly #names = new WeakMap<NamedStage, Map<string, string>>();

  constructor(region: string, accountId: string) {
    this.#prefix = `arn:aws:execute-api:${region}:${accountId}`;
  }

  /** The braces are literal: AWS evaluates every connection under this one name. */
  of(stage: NamedStage, method: string, connections: 'one' | 'any'): string {
    let names = this.#names.get(stage);
    if (!names) {
      names = new Map();
      this.#names.set(stage, names);
    }
    const key = connections === 'one' ? method : `${method} any`;
    let name = names.get(key);
    if (name === undefined) {
      const connection = connections === 'one' ? '{connectionId}' : '*';
      const { apiId, stageName } = stage;
      name = `${this.#prefix}:${apiId}/${stageName}/${method}/@connections/${connection}`;
      names.set(key, name);
    }
    return name;
  }
}
