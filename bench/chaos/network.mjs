import { execFileSync, spawn } from 'node:child_process';

/**
 * Machines on one switch, made of network namespaces, a bridge and pairs of virtual cables: needs root, and
 * to run in a network namespace of its own (`own-network.mjs`). A namespace is held open by a process that
 * ends with this one, so none is ever left behind.
 */

const PREFIX = '10.77.0';
const BRIDGE = 'switch';
/** An address that no card has: what is sent to it is carried, and nobody takes it. */
const NOWHERE = '02:00:00:00:00:ff';

/** Where this process itself is reached by the machines. */
export const HERE = `${PREFIX}.254`;

/**
 * @typedef {object} Machine
 * @property {string} name
 * @property {string} address
 * @property {readonly string[]} prefix what a command is started by to run there
 */

export class Network {
  /** @type {import('node:child_process').ChildProcess[]} */
  #holders = [];

  start() {
    ip('link', 'set', 'lo', 'up');
    ip('link', 'add', BRIDGE, 'type', 'bridge');
    ip('address', 'add', `${HERE}/24`, 'dev', BRIDGE);
    ip('link', 'set', BRIDGE, 'up');
  }

  /**
   * Another machine on the switch.
   *
   * @param {string} name of at most ten characters
   * @returns {Promise<Machine>}
   */
  async add(name) {
    const number = this.#holders.length + 1;
    const holder = spawn('unshare', ['--net', '--', 'sh', '-c', 'echo; exec cat'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#holders.push(holder);
    await new Promise((resolve, reject) => {
      holder.stdout.once('data', resolve);
      holder.once('exit', () => reject(new Error('unshare --net ended')));
    });
    const address = `${PREFIX}.${number}`;
    const prefix = ['nsenter', `--net=/proc/${holder.pid}/ns/net`, '--'];
    const machine = { name, address, prefix };
    ip('link', 'add', cableOf(machine), 'type', 'veth', 'peer', 'eth0', 'netns', `${holder.pid}`);
    ip('link', 'set', cableOf(machine), 'master', BRIDGE, 'up');
    on(machine, 'link', 'set', 'lo', 'up');
    on(machine, 'address', 'add', `${address}/24`, 'dev', 'eth0');
    on(machine, 'link', 'set', 'eth0', 'up');
    return machine;
  }

  /**
   * What `from` sends to `to` vanishes from now on, and neither is told. The other way round all is well.
   *
   * @param {Machine} from
   * @param {Machine} to
   */
  lose(from, to) {
    const place = [to.address, 'dev', 'eth0'];
    on(from, 'neighbour', 'replace', ...place, 'lladdr', NOWHERE, 'nud', 'permanent');
  }

  /**
   * @param {Machine} from
   * @param {Machine} to
   */
  carry(from, to) {
    on(from, 'neighbour', 'delete', to.address, 'dev', 'eth0');
  }

  /** @param {Machine} machine */
  unplug(machine) {
    ip('link', 'set', cableOf(machine), 'down');
  }

  /** @param {Machine} machine */
  plug(machine) {
    ip('link', 'set', cableOf(machine), 'up');
  }

  stop() {
    for (const holder of this.#holders) holder.stdin?.end();
  }
}

const cableOf = (/** @type {Machine} */ { name }) => `to-${name}`;

/** @param {readonly string[]} words */
function ip(...words) {
  execFileSync('ip', words);
}

/**
 * @param {Machine} machine
 * @param {readonly string[]} words
 */
function on({ prefix: [command = '', ...before] }, ...words) {
  execFileSync(command, [...before, 'ip', ...words]);
}
