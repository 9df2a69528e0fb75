/** What runs here: version, configuration in force, nodes. */
import { memoryUsage, version as nodeVersion, pid } from 'node:process';
import type { Call, Operation } from './operation.ts';

export const aboutOperations: readonly Operation[] = [
  {
    operation: 'GetVersion',
    method: 'GET',
    path: '/version',
    sentence: 'Version, mode, account, region, and the address the gateway has for itself.',
    handler: getVersion,
  },
  {
    operation: 'GetConfiguration',
    method: 'GET',
    path: '/configuration',
    sentence:
      'Every setting in force beside its default, and the users with their policies. ' +
      'Secrets, tokens and passwords in URLs are not among it.',
    handler: ({ context }) => context.configuration,
  },
  {
    operation: 'ListNodes',
    method: 'GET',
    path: '/nodes',
    sentence: 'The nodes of the gateway with their connections and memory.',
    handler: listNodes,
    gather: (answers) => ({
      items: (answers as readonly ReturnType<typeof listNodes>[]).flatMap(({ items }) => items),
    }),
  },
];

function getVersion({ context }: Call) {
  const { version, mode, account, region, node, startedAt } = context.about;
  const adminUrl = context.about.adminUrl();
  return {
    version,
    mode,
    account,
    region,
    node,
    nodejs: nodeVersion,
    startedAt: new Date(startedAt).toISOString(),
    url: context.about.url(),
    ...(adminUrl !== undefined && { adminUrl }),
  };
}

function listNodes({ context }: Call) {
  const { about, hub, clock } = context;
  const { rss, heapUsed } = memoryUsage();
  const self = {
    node: about.node,
    state: context.isReady() ? 'ready' : 'draining',
    connections: hub.size,
    startedAt: new Date(about.startedAt).toISOString(),
    uptimeSeconds: Math.floor((clock.now() - about.startedAt) / 1000),
    pid,
    memoryBytes: rss,
    heapBytes: heapUsed,
  };
  return { items: [self] };
}
