/**
 * What arrived, told apart: an application message, the gateway's own error frame, JSON that is
 * neither, or something that is not JSON at all.
 */
export type Frame =
  | { readonly kind: 'message'; readonly message: { readonly type: string } }
  | { readonly kind: 'gateway-error'; readonly frame: GatewayErrorFrame }
  | { readonly kind: 'untyped'; readonly message: unknown }
  | { readonly kind: 'raw'; readonly data: unknown };

/**
 * API Gateway's answer to a message it could not deliver, such as `Forbidden`,
 * `Internal server error` or `Endpoint request timed out`. The connection stays open.
 */
export interface GatewayErrorFrame {
  readonly message: string;
  readonly connectionId: string;
  readonly requestId?: string;
  /** In place of `requestId` in the answer to a message that fails its model. */
  readonly messageId?: string;
}

export function parseFrame(data: unknown): Frame {
  let message: unknown;
  try {
    if (typeof data !== 'string') return { kind: 'raw', data };
    message = JSON.parse(data);
  } catch {
    return { kind: 'raw', data };
  }
  if (isTyped(message)) return { kind: 'message', message };
  if (isGatewayError(message)) return { kind: 'gateway-error', frame: message };
  return { kind: 'untyped', message };
}

function isTyped(message: unknown): message is { type: string } {
  return typeof (message as { type?: unknown } | null)?.type === 'string';
}

function isGatewayError(message: unknown): message is GatewayErrorFrame {
  const frame = message as Partial<GatewayErrorFrame> | null;
  return [frame?.message, frame?.connectionId, frame?.requestId ?? frame?.messageId].every(
    (field) => typeof field === 'string',
  );
}
