import { cluster } from './cluster.mjs';
import { network } from './cut-off.mjs';
import { oneProcess, soak, workers } from './one-machine.mjs';
import { inOwnNetwork } from './own-network.mjs';
import { clock, disk } from './surroundings.mjs';

/**
 * What is done to the gateway while clients talk through it. Each scenario is a story told by its code; its
 * report says what was lost.
 *
 * @type {readonly import('./stage.mjs').Scenario[]}
 */
export const SCENARIOS = [
  oneProcess,
  workers,
  cluster,
  inOwnNetwork(network, new URL('cut-off.mjs', import.meta.url).href),
  disk,
  clock,
  soak,
];
