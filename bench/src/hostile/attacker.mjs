import { begin } from './attacks.mjs';

/** A process of its own, so that what attacks costs the honest clients nothing but the machine. */

process.on(
  'message',
  (/** @type {{ name: string, target: import('./wire.mjs').Target }} */ told) => {
    begin(told.name, told.target);
  },
);
// Whoever started it is gone.
process.on('disconnect', () => process.exit(0));
