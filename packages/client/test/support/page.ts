import { Queue } from './queue.ts';

/** What the examples of the README asked of the page around them: name and arguments. */
export const calls = new Queue<readonly unknown[]>();

export const getAuthToken = async (): Promise<string> => 'secret';
export const logout = (): void => calls.push(['logout']);
export const refreshFeed = (): void => calls.push(['refreshFeed']);
export const refreshThread = (thread: unknown): void => calls.push(['refreshThread', thread]);
export const showToast = (message: unknown): void => calls.push(['showToast', message]);
export const showStatus = (text: string): void => calls.push(['showStatus', text]);
export const updateBadges = (counts: unknown): void => calls.push(['updateBadges', counts]);
export const updateStatusDisplay = (message: unknown): void =>
  calls.push(['updateStatusDisplay', message]);

/** A button as far as the examples look: something that can be clicked. */
export const retryButton = new EventTarget();
