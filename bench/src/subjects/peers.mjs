import { floor } from './floor.mjs';
import { nchan } from './nchan.mjs';

/** Servers that do a part of what the gateway does, to be measured beside it. */

/** @type {readonly import('./subject.mjs').Subject[]} */
export const peers = [floor, nchan];
