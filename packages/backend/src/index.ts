/** The backend half of WebSocket push through Postern or Amazon API Gateway. */
export { expressHandler } from './adapters/express-handler.ts';
export { fastifyPlugin } from './adapters/fastify-plugin.ts';
export { honoHandler } from './adapters/hono-handler.ts';
export { nodeHandler } from './adapters/node-handler.ts';
export { type Backend, createBackend } from './backend.ts';
export type { ConnectionRecord, ConnectionStore, Page } from './connections/connection-store.ts';
export { memoryStore } from './connections/memory-store.ts';
export {
  type SqlQuery,
  type SqlStoreOptions,
  sqlStore,
  sqlTable,
} from './connections/sql-store.ts';
export type { Log, LogEntry } from './log.ts';
export type {
  BackendOptions,
  BackendPaths,
  ConnectEvent,
  DebugOptions,
  DisconnectEvent,
  MessageEvent,
  SigningOptions,
} from './options.ts';
export type { CredentialSource, Credentials } from './push/credentials.ts';
export { PushError } from './push/push-error.ts';
export type { FanOutSummary, PushSummary } from './push/pushes.ts';
export type { ManagementApiClient } from './push/sdk-management-api.ts';
export type { BackendRequest, BackendResponse, RequestDetails } from './routes/request.ts';
export {
  type NonceMemory,
  type NonceMemoryOptions,
  nonceMemory,
} from './signature/nonce-memory.ts';
export {
  type SignatureOptions,
  type SignatureProblem,
  type SignatureVerdict,
  type SignedCall,
  verifySignature,
} from './signature/verify-signature.ts';
