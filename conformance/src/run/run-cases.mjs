import { LambdaEndpoint } from '../servers/lambda-endpoint.mjs';
import { RecordingBackend } from '../servers/recording-backend.mjs';
import { closeIdleConnections } from '../wire/http-call.mjs';
import { runCase } from './run-case.mjs';
import { openTargets } from './targets.mjs';

/**
 * @typedef {import('../cases/load-cases.mjs').Topic} Topic
 * @typedef {import('../cases/load-cases.mjs').Case} Case
 * @typedef {import('./run-case.mjs').Result} Result
 */

/**
 * Runs every case, several at a time, with the servers they all share.
 *
 * @param {readonly Topic[]} topics
 * @param {import('../options.mjs').Options} options
 * @param {string} repository
 * @param {(item: Case, result: Result) => void} [onResult]
 * @returns {Promise<Map<Case, Result>>}
 */
export async function runCases(topics, options, repository, onResult = () => {}) {
  const servers = { backend: new RecordingBackend(), lambda: new LambdaEndpoint() };
  const backendPort = await servers.backend.start(options.backendPort);
  const lambdaPort = await servers.lambda.start(options.lambdaPort ?? 0);
  const targets = await openTargets(options, {
    repository,
    backendUrl: `http://127.0.0.1:${backendPort}`,
    lambdaUrl: `http://127.0.0.1:${lambdaPort}`,
  });
  /** @type {Map<Case, Result>} */
  const results = new Map();
  const queue = topics.flatMap(({ cases }) => cases).map((item, at) => ({ item, at }));
  const next = queue.values();
  // Case keys of two runs against one endpoint must not meet.
  const run = Math.floor(Date.now() / 1000)
    .toString(36)
    .slice(-4);
  const work = async () => {
    for (const { item, at } of next) {
      const target = await targets.of(item);
      const result = await runCase(
        item,
        `c${run}${at.toString(36).padStart(2, '0')}`,
        target,
        servers,
      );
      results.set(item, result);
      onResult(item, result);
    }
  };
  try {
    await Promise.all(Array.from({ length: options.concurrency }, work));
  } finally {
    await targets.stop();
    closeIdleConnections();
    await Promise.all([servers.backend.stop(), servers.lambda.stop()]);
  }
  return results;
}
