import type { Integration, Route } from '../gateway/types.ts';
import { Badge } from '../ui/parts.tsx';
import { backendDifferences, isMissingConnectionId } from '../words/differences.ts';
import { type Flow, integrationOf, type Line, pathOf } from '../words/flow.ts';

const ROW = 76;

export interface FlowPictureProps {
  readonly flow: Flow;
  /** The route selection expression. */
  readonly selection: string;
  /** Of a route. */
  select(routeId: string): void;
}

/** Client → route → integration → backend. On a phone each route is a card with its own way down. */
export function FlowPicture({ flow, selection, select }: FlowPictureProps) {
  const { routes, integrations, backends } = flow;
  const rows = Math.max(routes.length, integrations.length, backends.length, 1);
  const placeOf = (count: number) => (index: number) =>
    (index + 0.5) * ROW + ((rows - count) * ROW) / 2;
  const routeAt = placeOf(routes.length);
  const integrationAt = placeOf(integrations.length);
  const backendAt = placeOf(backends.length);
  const fromClient = routes.map((_, to) => ({ from: 0, to }));
  return (
    <>
      <div class="flow">
        <Column title="Client" rows={rows}>
          <div class="node plain" style={{ top: `${placeOf(1)(0)}px` }}>
            <b>Client</b>
            <code class="small dim cut" title={selection}>
              {selection}
            </code>
          </div>
        </Column>
        <Lines rows={rows} lines={fromClient} from={placeOf(1)} to={routeAt} />
        <Column title="Route" rows={rows}>
          {routes.map((route, index) => (
            <button
              key={route.routeId}
              type="button"
              class="node"
              style={{ top: `${routeAt(index)}px` }}
              onClick={() => select(route.routeId)}
            >
              <RouteText route={route} />
            </button>
          ))}
        </Column>
        <Lines rows={rows} lines={flow.toIntegration} from={routeAt} to={integrationAt} />
        <Column title="Integration" rows={rows}>
          {integrations.map((integration, index) => (
            <div
              key={integration.integrationId}
              class="node plain"
              style={{ top: `${integrationAt(index)}px` }}
            >
              <IntegrationText integration={integration} />
            </div>
          ))}
        </Column>
        <Lines rows={rows} lines={flow.toBackend} from={integrationAt} to={backendAt} />
        <Column title="Backend" rows={rows}>
          {backends.map((backend, index) => (
            <div key={backend} class="node plain" style={{ top: `${backendAt(index)}px` }}>
              <code class="cut" title={backend}>
                {backend}
              </code>
              <Differs from={backendDifferences(backend)} />
            </div>
          ))}
        </Column>
      </div>
      <FlowList flow={flow} select={select} />
    </>
  );
}

/** For a phone. */
function FlowList({ flow, select }: Pick<FlowPictureProps, 'flow' | 'select'>) {
  return (
    <ul class="flow-list">
      {flow.routes.map((route) => {
        const integration = integrationOf(route, flow.integrations);
        return (
          <li key={route.routeId}>
            <button type="button" onClick={() => select(route.routeId)}>
              <RouteText route={route} />
              {integration && <IntegrationText integration={integration} isWhole />}
            </button>
          </li>
        );
      })}
    </ul>
  );
}

function Column(props: { title: string; rows: number; children: preact.ComponentChildren }) {
  return (
    <div class="flow-column">
      <h2>{props.title}</h2>
      <div style={{ height: `${props.rows * ROW}px` }}>{props.children}</div>
    </div>
  );
}

interface LinesProps {
  readonly rows: number;
  readonly lines: readonly Line[];
  from(index: number): number;
  to(index: number): number;
}

function Lines({ rows, lines, from, to }: LinesProps) {
  const height = rows * ROW;
  return (
    <svg
      class="flow-lines"
      viewBox={`0 0 100 ${height}`}
      preserveAspectRatio="none"
      style={{ height: `${height}px` }}
      aria-hidden="true"
    >
      {lines.map((line) => (
        <path
          key={`${line.from} ${line.to}`}
          d={`M0 ${from(line.from)} C50 ${from(line.from)} 50 ${to(line.to)} 100 ${to(line.to)}`}
        />
      ))}
    </svg>
  );
}

function RouteText({ route }: { route: Route }) {
  const { routeKey, authorizationType, apiKeyRequired, routeResponseSelectionExpression } = route;
  return (
    <>
      <code class="key cut">{routeKey}</code>
      <span class="row wrap chips">
        {authorizationType && authorizationType !== 'NONE' && (
          <Badge tone="accent">{authorizationType}</Badge>
        )}
        {apiKeyRequired && <Badge tone="accent">API key</Badge>}
        {routeResponseSelectionExpression && <Badge>replies</Badge>}
        {!route.target && <Badge tone="warn">no integration</Badge>}
      </span>
    </>
  );
}

function Differs({ from }: { from: readonly string[] }) {
  if (from.length === 0) return null;
  return (
    <span>
      <Badge title={from.join(' ')}>differs from AWS</Badge>
    </span>
  );
}

interface IntegrationTextProps {
  readonly integration: Integration;
  /** With the backend, where no line leads to it. */
  readonly isWhole?: boolean;
}

function IntegrationText({ integration, isWhole = false }: IntegrationTextProps) {
  const { integrationUri = '' } = integration;
  const called = isWhole ? integrationUri : pathOf(integration);
  const { integrationType, integrationMethod = '', timeoutInMillis } = integration;
  return (
    <>
      <span class="row">
        <b>{integrationType}</b>
        {timeoutInMillis !== undefined && timeoutInMillis !== 29_000 && (
          <Badge>{timeoutInMillis} ms</Badge>
        )}
        {isMissingConnectionId(integration) && (
          <Badge tone="warn" title="Backends do not learn who is speaking">
            no connectionId
          </Badge>
        )}
      </span>
      <code class="small dim cut">{`${integrationMethod} ${called}`.trim()}</code>
      {isWhole && <Differs from={backendDifferences(integrationUri)} />}
    </>
  );
}
