/** Who this page is to the gateway. Secrets live in these signals alone: a reload forgets them. */
import { computed, signal } from '@preact/signals';
import type { AccessKey } from './sigv4.ts';
import type { Version } from './types.ts';

export type Credentials =
  | { readonly kind: 'key'; readonly key: AccessKey }
  | { readonly kind: 'token'; readonly token: string };

export const credentials = signal<Credentials | undefined>(undefined);
/** What the gateway says of itself; absent until it has answered. */
export const version = signal<Version | undefined>(undefined);
/** `unknown` until the first answer. */
export const access = signal<'unknown' | 'open' | 'signIn'>('unknown');
/** The last attempt to reach the gateway failed for no answer. */
export const isUnreachable = signal(false);

export const isDev = computed(() => version.value?.mode === 'dev');

/** Where clients connect: this port, unless operators have one of their own. */
export const publicUrl = computed(() => {
  const { url, adminUrl } = version.value ?? {};
  return adminUrl === undefined || url === undefined ? location.origin : url;
});
export const socketUrl = computed(() => publicUrl.value.replace(/^http/, 'ws'));
