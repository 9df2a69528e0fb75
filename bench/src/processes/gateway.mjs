import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childEnvironment } from './calls.mjs';

/**
 * A gateway started as its users start it: `postern dev` or `postern start` with a postern.yaml,
 * on a free port of 127.0.0.1, in an empty folder of its own.
 */

export const STAGE = 'production';

export const CREDENTIALS = Object.freeze({
  accessKeyId: 'AKIAPOSTERNBENCH0001',
  secretAccessKey: 'bench-secret',
  region: 'us-east-1',
  service: 'execute-api',
});

const READY = /^Postern ready on http:\/\/(127\.0\.0\.1):(\d+)/m;
const READY_MILLIS_MAX = 20_000;
const STOP_MILLIS_MAX = 5_000;
const KEPT_OUTPUT_CHARS = 4_000;
/** A pipe holds 64 KB, so this keeps up with 32 MB of log a second. */
const READ_PAUSE_MILLIS = 2;

/** @param {number} backendPort */
export function gatewayConfig(backendPort) {
  return `apis:
  bench:
    id: benchbench
    stage: ${STAGE}
    routes:
      $default: http://127.0.0.1:${backendPort}/ws/message
users:
  - name: backend
    accessKeys:
      - accessKeyId: ${CREDENTIALS.accessKeyId}
        secretAccessKey: ${CREDENTIALS.secretAccessKey}
    policies:
      - Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Action: 'execute-api:ManageConnections'
            Resource: 'arn:aws:execute-api:us-east-1:000000000000:benchbench/${STAGE}/POST/@connections/*'
`;
}

export class GatewayProcess {
  #child;
  #folder;
  #output = '';
  #stopping = false;
  #endedEarly = false;

  /**
   * @param {import('node:child_process').ChildProcessByStdio<
   *   null, import('node:stream').Readable, import('node:stream').Readable>} child
   * @param {string} folder
   */
  constructor(child, folder) {
    this.#child = child;
    this.#folder = folder;
    child.once('exit', () => {
      this.#endedEarly = !this.#stopping;
    });
    this.#drain(child.stdout);
    this.#drain(child.stderr);
  }

  /**
   * Starts a checkout's gateway; rejects when it is not ready within 20 seconds.
   *
   * @param {{ checkout: string, command: 'dev' | 'start', backendPort: number,
   *   profile: string | null }} settings `profile`: a folder for a CPU profile of the whole life
   */
  static async start({ checkout, command, backendPort, profile }) {
    const program = join(checkout, 'packages/gateway/bin/postern.js');
    if (!existsSync(program)) {
      throw new Error(`${program} is missing: run "npm ci && npm run build" in that checkout`);
    }
    const folder = await mkdtemp(join(tmpdir(), 'postern-bench-'));
    const config = join(folder, 'postern.yaml');
    await writeFile(config, gatewayConfig(backendPort));
    const profiling = profile === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
    const child = spawn(
      process.execPath,
      [...profiling, program, command, '--port', '0', '--ephemeral', '--config', config],
      { cwd: folder, env: childEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const gateway = new GatewayProcess(child, folder);
    try {
      return { gateway, ...(await gateway.#ready()) };
    } catch (error) {
      await gateway.stop();
      throw error;
    }
  }

  get pid() {
    return this.#child.pid ?? 0;
  }

  /** Whether it ended without being asked to. */
  get endedEarly() {
    return this.#endedEarly;
  }

  /** The last few thousand characters it printed. */
  get output() {
    return this.#output;
  }

  /** Asks it to drain and waits; one that does not end within five seconds is killed. */
  async stop() {
    this.#stopping = true;
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = new Promise((resolve) => this.#child.once('exit', resolve));
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MILLIS_MAX);
      this.#child.kill('SIGTERM');
      await exited;
      clearTimeout(timer);
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** @returns {Promise<{ host: string, port: number }>} */
  #ready() {
    return new Promise((resolve, reject) => {
      let text = '';
      const timer = setTimeout(() => fail('was not ready in time'), READY_MILLIS_MAX);
      const fail = (/** @type {string} */ what) => {
        clearTimeout(timer);
        reject(new Error(`the gateway ${what}:\n${this.#output}`));
      };
      const onOutput = (/** @type {Buffer} */ chunk) => {
        text += chunk.toString();
        const found = READY.exec(text);
        if (found === null) return;
        clearTimeout(timer);
        this.#child.stdout.off('data', onOutput);
        resolve({ host: /** @type {string} */ (found[1]), port: Number(found[2]) });
      };
      this.#child.stdout.on('data', onOutput);
      this.#child.once('error', (error) => fail(error.message));
      this.#child.once('close', () => fail('ended'));
    });
  }

  /**
   * Keeps the end of what the gateway prints. The pause lets a busy log fill the pipe for a while:
   * waking up for every line would take a core away from what is measured.
   *
   * @param {import('node:stream').Readable} stream
   */
  #drain(stream) {
    stream.on('data', (/** @type {Buffer} */ chunk) => {
      const tail = chunk.subarray(Math.max(0, chunk.length - KEPT_OUTPUT_CHARS)).toString();
      this.#output = (this.#output + tail).slice(-KEPT_OUTPUT_CHARS);
      stream.pause();
      setTimeout(() => stream.resume(), READ_PAUSE_MILLIS);
    });
  }
}
