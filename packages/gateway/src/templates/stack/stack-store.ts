import type { ResourceStore, Stored } from '../../engines/engine.ts';
import type { Dictionary } from '../../resources/record.ts';

/** What a template made, kept under `stack/{name}`: how the next run knows what is whose. */
export interface Stack {
  readonly name: string;
  /** `changing` while a run is under way, and after one that never came to its end. */
  readonly status: 'settled' | 'changing';
  /** In the order in which they were made. */
  readonly entries: readonly StackEntry[];
  /** Asked for; whether it was made is not known yet. */
  readonly pending?: PendingResource;
  /** Name → value, for `Fn::ImportValue` in other stacks. */
  readonly exports: Dictionary<unknown>;
}

/** One resource of a stack. */
export interface StackEntry {
  readonly logicalId: string;
  readonly type: string;
  /** The physical id. */
  readonly id: string;
  /** Of the control plane, such as `/v2/apis/a1b2c3d4e5/routes/x1y2z3a`. */
  readonly path: string;
  /** What the template said, as fields of the wire. */
  readonly wanted: Dictionary<unknown>;
  /** `Fn::GetAtt` name → value. */
  readonly attributes: Dictionary<unknown>;
  /** Of a deployment: a digest of what it keeps a copy of. */
  readonly digest?: string;
  /** Another one took its place: it goes when the run is through. */
  readonly isReplaced?: true;
  /** `DeletionPolicy: Retain`. */
  readonly isRetained?: true;
}

export interface PendingResource {
  readonly type: string;
  readonly collection: string;
  readonly body: Dictionary<unknown>;
}

export interface StoredStack {
  readonly stack: Stack;
  readonly version: number;
}

/** Where stacks are kept. */
export interface StackStore {
  read(name: string): Promise<StoredStack | undefined>;
  /**
   * `expectedVersion: 0` means there must be none; `stack: undefined` removes it. Resolves with the new
   * version (0 after a removal), or with `undefined` when another run has written meanwhile.
   */
  write(
    name: string,
    stack: Stack | undefined,
    expectedVersion: number,
  ): Promise<number | undefined>;
  list(): Promise<readonly Stack[]>;
}

const PREFIX = 'stack/';

/** AWS's rule for the names of stacks. */
export const stackNamePattern = /^[A-Za-z][A-Za-z0-9-]{0,127}$/;

/** Stacks in an engine's store. */
export function engineStackStore(store: ResourceStore): StackStore {
  const stackOf = ({ value }: Stored) => value as Stack;
  return {
    async read(name) {
      const stored = await store.get(PREFIX + name);
      return stored && { stack: stackOf(stored), version: stored.version };
    },
    async write(name, stack, expectedVersion) {
      const key = PREFIX + name;
      const isWritten = await store.commit([{ key, value: stack, expectedVersion }]);
      if (!isWritten) return undefined;
      return (await store.get(key))?.version ?? 0;
    },
    async list() {
      return (await store.list(PREFIX)).map(stackOf);
    },
  };
}
