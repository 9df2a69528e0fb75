import type { Clock } from '../ambient/clock.ts';
import { hostList } from '../ambient/host-list.ts';
import type { Random } from '../ambient/random.ts';
import { CallSigner } from '../backends/call-signature.ts';
import { HttpCaller } from '../backends/http-caller.ts';
import { credentialsIn } from '../backends/lambda/credentials.ts';
import {
  createLambdaInvoker,
  type Functions,
  type LambdaFunctions,
} from '../backends/lambda/lambda.ts';
import { createServiceCaller } from '../backends/service-caller.ts';
import type { Backends } from '../integrations/run-integration.ts';
import type { Log } from '../telemetry/log.ts';
import { backendAuthorities } from './backend-authorities.ts';
import type { Configuration, Mode } from './config.ts';
import { signingKey } from './signing-key.ts';

export interface BackendsOptions {
  readonly configuration: Configuration;
  readonly mode: Mode;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Local functions by name. */
  readonly functions: Functions;
  /** Where a relative folder of code begins. */
  readonly functionsFolder?: string;
  /** Endpoints of AWS services by name, such as `sqs`. */
  readonly services: Readonly<Record<string, string>>;
  /** Certificate that local functions are to trust; in the bundle, beside the usual authorities. */
  readonly caFile: string | undefined;
  readonly caBundleFile: string | undefined;
}

/** Everything the gateway calls, to be started before it serves and stopped after. */
export interface AllBackends extends Backends {
  readonly lambda: LambdaFunctions;
  readonly http: HttpCaller;
  start(): Promise<void>;
  /** After `lambda`, which ends by itself: what it has to say last goes over HTTP. */
  stop(): Promise<void>;
}

export function createBackends(options: BackendsOptions): AllBackends {
  const { configuration, clock, random, log, mode, caFile, caBundleFile } = options;
  const keyFile = configuration.backendSigningKeyFile;
  const key = keyFile === undefined ? undefined : signingKey(keyFile, clock, log);
  const authorities = backendAuthorities(configuration.backendsCa, process.env);
  const http = new HttpCaller({
    clock,
    connectionsPerOriginMax: configuration.backendConnectionsMax,
    guard: {
      denied: hostList(configuration.backendsDenied),
      allowed: hostList(configuration.backendsAllowed),
    },
    ...(authorities && { authorities }),
    ...(key && { signer: new CallSigner({ key: () => key.current, clock, random }) }),
  });
  const endpoint = configuration.lambdaEndpoint ?? process.env.AWS_ENDPOINT_URL_LAMBDA;
  const lambda = createLambdaInvoker({
    functions: options.functions,
    ...(endpoint && { endpoint }),
    region: configuration.region,
    account: configuration.account,
    ...(options.functionsFolder !== undefined && { folder: options.functionsFolder }),
    http,
    clock,
    random,
    log,
    watchesCode: mode === 'dev',
    // What a handler builds from domainName is https, as on AWS: its SDK has to trust us.
    ...(caFile !== undefined &&
      caBundleFile !== undefined && {
        environment: { NODE_EXTRA_CA_CERTS: caFile, AWS_CA_BUNDLE: caBundleFile },
      }),
  });
  return {
    http,
    lambda,
    services: createServiceCaller({
      http,
      clock,
      credentials: credentialsIn(process.env),
      endpoints: { ...endpointsIn(process.env), ...options.services },
    }),
    async start() {
      await key?.start();
      await lambda.start();
    },
    async stop() {
      key?.stop();
      await http.stop();
    },
  };
}

const PREFIX = 'AWS_ENDPOINT_URL_';
/** Services that AWS's tools call otherwise than integration URIs do. */
const SERVICE_NAMES: Readonly<Record<string, string>> = { sfn: 'states', eventbridge: 'events' };

/** The variables by which AWS tools are pointed elsewhere: `AWS_ENDPOINT_URL_SQS`. */
function endpointsIn(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, url]) =>
      name.startsWith(PREFIX) && url ? [[serviceOf(name.slice(PREFIX.length)), url]] : [],
    ),
  );
}

function serviceOf(variable: string): string {
  const name = variable.toLowerCase().replaceAll('_', '');
  return SERVICE_NAMES[name] ?? name;
}
