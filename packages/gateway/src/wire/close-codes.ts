/**
 * How a connection can end: code and reason as the client sees them in the close frame and as the
 * `$disconnect` route receives them (`disconnectStatusCode`, `disconnectReason`).
 * Codes: RFC 6455 section 7.4. Reasons: as recorded from Amazon API Gateway, except where noted.
 */
export interface Close {
  readonly code: number;
  readonly reason: string;
}

export const closes = {
  /** The management API's DELETE. */
  deleted: { code: 1000, reason: 'Connection Closed Normally' },
  /** Idle limit, lifetime limit, stage removed, gateway draining. */
  goingAway: { code: 1001, reason: 'Going away' },
  /** A binary frame: WebSocket APIs carry text only. */
  binary: { code: 1003, reason: 'Binary is not supported' },
  /** Frame over 32 KB or message over 128 KB. AWS's reason is not recorded; this text is ours. */
  tooLong: { code: 1009, reason: 'Message too long' },
  /** The client's close frame carried no status. Never sent on the wire. */
  noStatus: { code: 1005, reason: 'Client-side close frame status not set' },
  /** The TCP connection ended without a close frame. Never sent on the wire. */
  abnormal: { code: 1006, reason: 'Connection closed abnormally' },
  /** A frame that breaks RFC 6455. */
  protocolError: { code: 1002, reason: '' },
  /** A text frame that is not UTF-8. */
  invalidText: { code: 1007, reason: '' },
  /** The client leaves unread what was sent to it. AWS's behaviour is not recorded; this is ours. */
  slowConsumer: { code: 1008, reason: 'Client reads too slowly' },
  /** A message in more fragments than any honest client sends. */
  tooManyFragments: { code: 1008, reason: '' },
  /** The token the client was let in with is no longer valid. Ours, where a stage asks for it. */
  tokenExpired: { code: 1008, reason: 'Token expired' },
} as const satisfies Record<string, Close>;
