/**
 * What a stage writes and counts (developer guide, "Monitoring WebSocket APIs"). These are settings of the
 * stage and not of its deployment: a change is in force at once.
 */
import { type ContextFormat, compileContextFormat } from '../mapping/context-format.ts';
import type { RouteSettings, Stage } from './stage.ts';

export interface Monitoring {
  readonly accessLog: AccessLog | undefined;
  /** By route key, where a route has settings of its own. */
  readonly routes: ReadonlyMap<string, RouteMonitoring>;
  /** What holds for every other route, and for calls of `@connections`. */
  readonly usual: RouteMonitoring;
  /** Nothing is written of any route. */
  readonly isSilent: boolean;
  /** Some route's execution log has requests and answers: its events are followed for that. */
  readonly isTraced: boolean;
}

export interface AccessLog {
  readonly destination: string;
  readonly format: ContextFormat;
}

export interface RouteMonitoring {
  readonly loggingLevel: 'OFF' | 'ERROR' | 'INFO';
  /** The execution log has requests and answers too. */
  readonly dataTrace: boolean;
  /** Metrics with the dimension Route. */
  readonly detailedMetrics: boolean;
}

export function compileMonitoring(stage: Stage): Monitoring {
  const { defaultRouteSettings, routeSettings, accessLogSettings } = stage;
  const usual = routeMonitoring(defaultRouteSettings, {});
  const routes = new Map(
    Object.entries(routeSettings).map(([routeKey, settings]) => [
      routeKey,
      routeMonitoring(defaultRouteSettings, settings),
    ]),
  );
  const all = [usual, ...routes.values()];
  const { destinationArn, format } = accessLogSettings ?? {};
  return Object.freeze({
    accessLog:
      destinationArn && format
        ? { destination: destinationArn, format: compileContextFormat(format) }
        : undefined,
    routes,
    usual,
    isSilent:
      !(destinationArn && format) && all.every(({ loggingLevel }) => loggingLevel === 'OFF'),
    isTraced: all.some(({ loggingLevel, dataTrace }) => dataTrace && loggingLevel === 'INFO'),
  });
}

function routeMonitoring(usual: RouteSettings, own: RouteSettings): RouteMonitoring {
  return {
    loggingLevel: own.loggingLevel ?? usual.loggingLevel ?? 'OFF',
    dataTrace: own.dataTraceEnabled ?? usual.dataTraceEnabled ?? false,
    // As recorded: what the stage says for all, a route cannot take back.
    detailedMetrics: (usual.detailedMetricsEnabled || own.detailedMetricsEnabled) ?? false,
  };
}
