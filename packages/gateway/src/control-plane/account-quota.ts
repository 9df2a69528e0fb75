import { quotaReached } from '../resources/problems.ts';
import type { DocumentKind } from './document-store.ts';
import type { ControlContext } from './operation.ts';

/** Throws when the account has as many documents of a kind as it may. */
export async function assertRoomFor(
  { store }: ControlContext,
  { prefix, noun }: Pick<DocumentKind<never>, 'prefix' | 'noun'>,
  countMax: number,
  problem = quotaReached,
): Promise<void> {
  const stored = await store.list(prefix, { limit: countMax });
  if (stored.length >= countMax) throw problem(`${noun}s`, 'account');
}
