import { messageIn } from '../../wire/exceptions.ts';
import { ApplyError, type ControlCall } from '../control-client.ts';
import type { Stack, StackStore, StoredStack } from './stack-store.ts';
import { STACKS_PATH } from './stacks-door.ts';

/** The stacks of a gateway that runs elsewhere. Rejects with `ApplyError` when it refuses. */
export function remoteStackStore(call: ControlCall): StackStore {
  const pathOf = (name: string) => `${STACKS_PATH}/${encodeURIComponent(name)}`;
  return {
    async read(name) {
      const answer = await call('GET', pathOf(name));
      if (answer.status === 404) return undefined;
      return accepted<StoredStack>(answer);
    },
    async write(name, stack, expectedVersion) {
      const answer = await call('PUT', pathOf(name), { stack: stack ?? null, expectedVersion });
      if (answer.status === 409) return undefined;
      return accepted<{ version: number }>(answer).version;
    },
    async list() {
      return accepted<{ items: Stack[] }>(await call('GET', STACKS_PATH)).items;
    },
  };
}

function accepted<Answer>({ status, body }: Awaited<ReturnType<ControlCall>>): Answer {
  if (status === 200) return body as Answer;
  const message = messageIn(body);
  throw new ApplyError(message ?? `the gateway answered ${status}`, status);
}
