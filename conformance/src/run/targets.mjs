import { Gateway, knowsFlag } from '../servers/gateway.mjs';
import { OWN_CREDENTIALS, USERS, usersFile } from './users.mjs';

/**
 * The endpoints of a run: the one that is given, or gateways of our own: `postern dev`, and `postern
 * start` for the cases that need signatures to be verified.
 */

/** @typedef {import('./world.mjs').Target} Target */

/**
 * @typedef {object} Targets
 * @property {(item: import('../cases/load-cases.mjs').Case) => Promise<Target>} of
 * @property {() => Promise<void>} stop
 */

/**
 * @param {import('../options.mjs').Options} options
 * @param {{ backendUrl: string, repository: string, lambdaUrl: string }} places
 * @returns {Promise<Targets>}
 */
export async function openTargets(options, places) {
  const common = {
    region: options.region,
    users: {},
    backendUrl: options.backendUrl ?? places.backendUrl,
    patienceMillis: options.patienceSeconds * 1000,
    quietMillis: options.quietMillis,
    settleMillis: options.settleSeconds * 1000,
  };
  if (options.endpoint !== null) return given(options, common);
  return own(options.checkout ?? places.repository, places.lambdaUrl, common);
}

/**
 * @param {import('../options.mjs').Options} options
 * @param {Omit<Target, 'controlUrl' | 'credentials' | 'offers'>} common
 * @returns {Targets}
 */
function given({ endpoint, lambdaPort }, common) {
  const controlUrl = new URL(endpoint ?? '');
  const offers = new Set(lambdaPort === null ? [] : ['lambda']);
  if (!controlUrl.hostname.endsWith('.amazonaws.com')) offers.add('postern');
  if (/^(127\.0\.0\.1|localhost|\[::1\])$/.test(controlUrl.hostname)) offers.add('loopback');
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  const credentials =
    AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY
      ? {
          accessKeyId: AWS_ACCESS_KEY_ID,
          secretAccessKey: AWS_SECRET_ACCESS_KEY,
          ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
        }
      : OWN_CREDENTIALS;
  const target = { ...common, controlUrl, credentials, offers };
  return { of: async () => target, stop: async () => {} };
}

/**
 * @param {string} checkout
 * @param {string} lambdaUrl
 * @param {Omit<Target, 'controlUrl' | 'credentials' | 'offers'>} common
 * @returns {Targets}
 */
function own(checkout, lambdaUrl, common) {
  /** @type {Gateway[]} */
  const gateways = [];
  const hasLambda = knowsFlag(checkout, '--lambda-endpoint');
  const flags = hasLambda ? ['--lambda-endpoint', lambdaUrl] : [];
  const start = async (/** @type {'dev' | 'start'} */ command) => {
    const config = command === 'start' ? usersFile() : undefined;
    const { gateway, url } = await Gateway.start({
      checkout,
      command,
      flags,
      env: servicesAt(common.backendUrl),
      ...(config !== undefined && { config }),
    });
    gateways.push(gateway);
    const offers = ['postern', 'loopback', 'services', ...(hasLambda ? ['lambda'] : [])];
    return {
      ...common,
      controlUrl: new URL(url),
      credentials: OWN_CREDENTIALS,
      offers: new Set(command === 'start' ? [...offers, 'signatures'] : offers),
      users: command === 'start' ? USERS : {},
    };
  };
  /** @type {Partial<Record<'dev' | 'start', Promise<Target>>>} */
  const started = {};
  return {
    of: ({ needs }) => {
      const command = needs.includes('signatures') ? 'start' : 'dev';
      started[command] ??= start(command);
      return started[command];
    },
    stop: async () => {
      await Promise.allSettled(Object.values(started));
      await Promise.all(gateways.map((gateway) => gateway.stop()));
    },
  };
}

/** Where the gateway finds AWS services, in the words of AWS's own tools. */
function servicesAt(/** @type {string} */ url) {
  const names = [
    'SQS',
    'SNS',
    'DYNAMODB',
    'KINESIS',
    'SSM',
    'SFN',
    'STATES',
    'EVENTBRIDGE',
    'EVENTS',
  ];
  return Object.fromEntries(names.map((name) => [`AWS_ENDPOINT_URL_${name}`, url]));
}
