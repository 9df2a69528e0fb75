/** Postern in-process: create a gateway, start it, stop it. The `postern` command is made of the same. */
export { type Clock, systemClock } from './ambient/clock.ts';
export {
  type Configuration,
  ConfigurationError,
  type LoadedConfiguration,
  loadConfiguration,
} from './server/config.ts';
export { createGateway, type Gateway, type GatewayOptions } from './server/gateway.ts';
export { type Log, type LogEvent, type LogFields, silentLog } from './telemetry/log.ts';
export type { TraceRecord, TraceStep } from './telemetry/trace.ts';
export type { Subscription, TraceFilter, TraceListener } from './telemetry/trace-feed.ts';
export type { PosternFile } from './templates/postern-file.ts';
