/**
 * What a push costs when the node that was asked does not hold the connection. Two gateways over one
 * state; pushes go to the one that holds the socket, then to the other one. CPU time is that of both
 * gateways, from /proc; Redis's own stands beside it.
 *
 *   node bench/src/hand-over.mjs [--rounds 5] [--seconds 2] [--redis]
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { startBackend } from './hand-over-backend.mjs';

const COMMAND = join(import.meta.dirname, '../../packages/gateway/bin/postern.js');
const LANES = 32;
const BODY = 'x'.repeat(100);
const TICKS_A_SECOND = 100;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    redis: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

/** @param {number} pid */
function cpuMicros(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND) * 1e6;
}

/**
 * @param {string} program
 * @param {readonly string[]} argv
 * @param {RegExp} isReady
 */
function launch(program, argv, isReady) {
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${program} ended: ${code}`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = isReady.exec(line);
      if (found) resolve({ child, pid: child.pid, port: Number(found[1]) });
    });
  });
}

/** Keeps every lane busy for so long; resolves with how many were answered 200. @param {number} port @param {string} id @param {number} millis */
function pushAll(port, id, millis) {
  const path = `/production/@connections/${encodeURIComponent(id)}`;
  const request = Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  );
  const end = Date.now() + millis;
  const lanes = Array.from({ length: LANES }, () => {
    const socket = connect(port, '127.0.0.1');
    return new Promise((resolve, reject) => {
      let count = 0;
      socket.on('error', reject);
      socket.on('connect', () => socket.write(request));
      socket.on('data', (bytes) => {
        if (!bytes.toString('latin1', 0, 12).endsWith('200')) reject(new Error(String(bytes)));
        count += 1;
        if (Date.now() < end) socket.write(request);
        else {
          socket.destroy();
          resolve(count);
        }
      });
    });
  });
  return Promise.all(lanes).then((counts) => counts.reduce((sum, one) => sum + one, 0));
}

const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'));
const children = [];
const backend = await startBackend();
try {
  let redis;
  if (values.redis) {
    const argv = ['--port', '6399', '--bind', '127.0.0.1', '--save', '', '--dir', folder];
    redis = await launch('/usr/bin/redis-server', argv, /Ready to accept connections()/);
    children.push(redis.child);
  }
  const engine = values.redis ? ['--engine', 'redis://127.0.0.1:6399'] : [];
  const argv = ['dev', '--port', '0', '--data', folder, '--backend', backend.url, ...engine];
  const isReady = /^Postern ready on http:\/\/127\.0\.0\.1:(\d+)$/;
  const holder = await launch(process.execPath, [COMMAND, ...argv], isReady);
  children.push(holder.child);
  const asked = await launch(process.execPath, [COMMAND, ...argv], isReady);
  children.push(asked.child);
  const id = await backend.open(holder.port);
  /** @type {Record<string, number[]>} */
  const results = { here: [], elsewhere: [], redis: [] };
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, port] of /** @type {const} */ ([
      ['here', holder.port],
      ['elsewhere', asked.port],
    ])) {
      const before = cpuMicros(holder.pid) + cpuMicros(asked.pid);
      const redisBefore = redis ? cpuMicros(redis.pid) : 0;
      const count = await pushAll(port, id, seconds * 1000);
      const micros = (cpuMicros(holder.pid) + cpuMicros(asked.pid) - before) / count;
      // The first round warms up.
      if (round === 0) continue;
      results[name]?.push(micros);
      if (redis && name === 'elsewhere')
        results.redis?.push((cpuMicros(redis.pid) - redisBefore) / count);
    }
  }
  const median = (/** @type {number[]} */ all) =>
    [...all].sort((a, b) => a - b)[all.length >> 1] ?? 0;
  for (const [name, all] of Object.entries(results)) {
    if (all.length === 0) continue;
    const [low, high] = [Math.min(...all), Math.max(...all)].map((one) => one.toFixed(1));
    console.log(`${name.padEnd(10)} ${median(all).toFixed(1)} µs a push (${low} to ${high})`);
  }
  const ratio = median(results.elsewhere ?? []) / median(results.here ?? []);
  console.log(`elsewhere costs ${ratio.toFixed(2)} times as much`);
} finally {
  for (const child of children.reverse()) child.kill('SIGKILL');
  backend.stop();
  rmSync(folder, { recursive: true, force: true });
}
