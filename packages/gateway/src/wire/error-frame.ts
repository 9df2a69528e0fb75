/**
 * The text frame a client receives when the gateway could not serve its message, and the body of a
 * refused handshake. The bytes are AWS's, as recorded: one space after the first colon only.
 */
export const errorMessages = {
  forbidden: 'Forbidden',
  internal: 'Internal server error',
  timeout: 'Endpoint request timed out',
  network: 'Network error communicating with endpoint',
  badRequest: 'Bad Request',
  badRequestBody: 'Bad request body',
  invalidJson: 'Invalid JSON in request body',
  tooManyRequests: 'Too Many Requests',
  limitExceeded: 'Limit Exceeded',
  unauthorized: 'Unauthorized',
  unsupportedMediaType: 'Unsupported Media Type',
} as const;

export interface ErrorFrameIds {
  readonly connectionId: string;
  readonly requestId: string;
  /** A fourth member, of a message that failed validation: the guide's own form names it. */
  readonly messageId?: string;
}

/** `null` stands where AWS itself says nothing: an authorizer whose answer it could not read. */
export function errorFrame(message: string | null, ids: ErrorFrameIds): string {
  const { connectionId, requestId, messageId } = ids;
  const fourth = messageId === undefined ? '' : `, "messageId":"${messageId}"`;
  return `{"message": ${JSON.stringify(message)}, "connectionId":"${connectionId}", "requestId":"${requestId}"${fourth}}`;
}
