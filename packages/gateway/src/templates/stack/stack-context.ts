import type { ControlClient } from '../control-client.ts';
import type { ResourceKind } from './resource-kind.ts';
import type { StackStore } from './stack-store.ts';

/** What a run over a stack works with. */
export interface StackContext {
  readonly name: string;
  readonly client: ControlClient;
  readonly store: StackStore;
  readonly region: string;
  readonly kindOf: (type: string) => ResourceKind | undefined;
}
