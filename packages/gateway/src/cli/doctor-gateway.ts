/** What the doctor asks a running gateway: its clock, its APIs and their backends, what failed lately. */
import { connect } from 'node:net';
import type { StageChanges } from '../operations/stage-changes.ts';
import { FAILURES_MAX } from '../operations/trace.ts';
import type { Integration } from '../resources/integration.ts';
import type { Route } from '../resources/route.ts';
import type { Stage } from '../resources/stage.ts';
import { isLoopback } from '../server/safe-host.ts';
import type { TraceRecord } from '../telemetry/trace.ts';
import { type ControlClient, controlClient } from '../templates/control-client.ts';
import { type Finding, failed, ok, warning } from './doctor-finding.ts';
import { type GatewayClientOptions, gatewayClient, openRequest } from './gateway-client.ts';
import { type OperationsClient, operationsClient } from './operations-client.ts';

const CONNECT_MILLIS = 2000;
/** Signatures may be five minutes off; a warning comes sooner. */
const CLOCK_SECONDS_MAX = 60;

export async function examineGateway(options: GatewayClientOptions): Promise<Finding[]> {
  const client = controlClient(gatewayClient(options));
  const operations = operationsClient(options);
  const apis = await client.list<{ apiId: string; name: string; protocolType: string }>('/v2/apis');
  const served = apis.filter(({ protocolType }) => protocolType === 'WEBSOCKET');
  const findings: Finding[] = [...(await examineClock(options))];
  if (served.length === 0) {
    const advice = 'Make one: postern dev --backend URL, postern deploy FILE, or the aws CLI.';
    findings.push(warning('There is no API yet', advice));
  }
  for (const { apiId, name } of served) {
    findings.push(...(await examineApi({ client, operations }, apiId, name)));
  }
  return [...findings, ...(await examineFailures(operations))];
}

async function examineClock(options: GatewayClientOptions): Promise<Finding[]> {
  const request = { method: 'GET', target: '/@health/live', body: Buffer.alloc(0) };
  const response = await openRequest(options, { ...request, contentType: 'application/json' });
  response.resume();
  const theirs = Date.parse(response.headers.date ?? '');
  const seconds = Math.round(Math.abs(theirs - Date.now()) / 1000);
  if (!(seconds > CLOCK_SECONDS_MAX)) return [ok('The clocks agree')];
  return [
    failed(
      `The gateway's clock and this one differ by ${seconds} s`,
      'Signatures are refused from five minutes on: set the clocks by NTP.',
      'silentPush',
    ),
  ];
}

interface Clients {
  readonly client: ControlClient;
  readonly operations: OperationsClient;
}

async function examineApi(clients: Clients, apiId: string, name: string): Promise<Finding[]> {
  const { client } = clients;
  const base = `/v2/apis/${apiId}`;
  const integrations = await client.list<Integration>(`${base}/integrations`);
  const routes = await client.list<Route>(`${base}/routes`);
  const stages = await client.list<Stage>(`${base}/stages`);
  const used = integrations.filter(({ integrationId }) =>
    routes.some(({ target }) => target === `integrations/${integrationId}`),
  );
  return [
    ...used.flatMap((one) => examineMapping(name, one)),
    ...(await examineBackends(name, used)),
    ...(await examineStages(clients, { apiId, name, stages })),
  ];
}

function examineMapping(api: string, integration: Integration): Finding[] {
  const { integrationType, integrationUri, requestParameters = {} } = integration;
  if (integrationType !== 'HTTP_PROXY') return [];
  if (Object.values(requestParameters).includes('context.connectionId')) return [];
  return [
    warning(
      `${api}: ${integrationUri} is not told the connectionId`,
      'Map integration.request.header.connectionId to context.connectionId ' +
        '(update-integration --request-parameters), then redeploy the stage.',
      'connectionId',
    ),
  ];
}

async function examineBackends(api: string, used: readonly Integration[]): Promise<Finding[]> {
  const urls = used.flatMap(({ integrationUri = '' }) =>
    /^https?:/.test(integrationUri) && URL.canParse(integrationUri) ? [integrationUri] : [],
  );
  const origins = [...new Set(urls.map((url) => new URL(url).origin))];
  const findings = await Promise.all(origins.map((origin) => examineBackend(api, origin)));
  return findings.flat();
}

async function examineBackend(api: string, origin: string): Promise<Finding[]> {
  const { hostname, port, protocol } = new URL(origin);
  const problem = await connectTo(hostname, Number(port) || (protocol === 'https:' ? 443 : 80));
  const here = isLoopback(hostname)
    ? [
        warning(
          `${api}: AWS could not reach ${origin}`,
          'Expected while you develop; in production the integration needs a public address.',
          'elsewhere',
        ),
      ]
    : [];
  if (problem === undefined) return [ok(`${api}: ${origin} accepts connections`), ...here];
  const advice =
    'Start it, or correct the integration and redeploy: until then clients are refused.';
  return [
    failed(`${api}: ${origin} cannot be reached (${problem})`, advice, 'reconnecting'),
    ...here,
  ];
}

/** From this machine, which may see other networks than the gateway's. */
function connectTo(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: host.replace(/^\[|\]$/g, ''), port });
    const end = (problem: string | undefined) => {
      socket.destroy();
      resolve(problem);
    };
    socket.setTimeout(CONNECT_MILLIS, () => end('no answer'));
    socket.once('connect', () => end(undefined));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}

async function examineStages(
  { operations }: Clients,
  api: { readonly apiId: string; readonly name: string; readonly stages: readonly Stage[] },
): Promise<Finding[]> {
  const { apiId, name, stages } = api;
  if (stages.length === 0) {
    const advice = `aws apigatewayv2 create-stage --api-id ${apiId} --stage-name production`;
    return [failed(`${name} has no stage: nobody can connect`, advice, 'reconnecting')];
  }
  const findings = stages.map(async ({ stageName, deploymentId }) => {
    const deploy = `aws apigatewayv2 create-deployment --api-id ${apiId} --stage-name ${stageName}`;
    if (deploymentId === undefined) {
      return failed(`${name}: stage ${stageName} is not deployed`, deploy, 'reconnecting');
    }
    const path = `/apis/${apiId}/stages/${encodeURIComponent(stageName)}/changes`;
    const { items } = await operations.ask<StageChanges>('GET', path);
    if (items.length === 0) return ok(`${name}: stage ${stageName} is deployed as the API is`);
    const changes = items.length === 1 ? '1 change is' : `${items.length} changes are`;
    const what = `${name}: ${changes} not deployed to ${stageName}`;
    return warning(what, deploy, 'connectionId');
  });
  return Promise.all(findings);
}

/** The gateway remembers what it refused; each of the guide's rows has its mark there. */
async function examineFailures(operations: OperationsClient): Promise<Finding[]> {
  const { items } = await operations.ask<{ items: TraceRecord[] }>(
    'GET',
    `/failures?maxResults=${FAILURES_MAX}`,
  );
  const count = (fits: (record: TraceRecord) => boolean) => items.filter(fits).length;
  const findings: Finding[] = [];
  const gone = count(({ rule }) => rule === 'connection-gone');
  if (gone > 0) {
    const what = `${gone} of the last pushes went to connections that are gone`;
    findings.push(
      warning(what, 'Normal: delete the record in your database on this exception.', 'gone'),
    );
  }
  const denied = count(({ kind, status }) => kind === 'push' && status === 403);
  if (denied > 0) {
    const what = `${denied} of the last pushes were not allowed`;
    const advice = 'See why with postern tail push failures; allow execute-api:ManageConnections.';
    findings.push(warning(what, advice, 'silentPush'));
  }
  const refused = count(({ kind }) => kind === 'connect');
  if (refused > 0) {
    const reasons = items.filter(({ kind }) => kind === 'connect');
    const what = `${refused} of the last handshakes were refused, the latest: ${reasons[0]?.reason}`;
    findings.push(warning(what, 'See each with postern tail connect failures.', 'reconnecting'));
  }
  return findings.length > 0 ? findings : [ok('Nothing was refused lately')];
}
