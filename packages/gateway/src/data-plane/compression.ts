/** permessage-deflate (RFC 7692), which AWS has not: for stages that ask for it. */
import * as ws from 'ws';
import { deflation } from '../connections/deflated-message.ts';

/**
 * Every message stands alone, so that no connection keeps a dictionary of what it sent, and a message to
 * many is compressed once.
 */
export const deflateOptions: ws.PerMessageDeflateOptions = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: deflation.windowBits,
  threshold: deflation.thresholdBytes,
  zlibDeflateOptions: { memLevel: deflation.memLevel },
};

/** Exported by ws, though its published types do not say so. */
const { PerMessageDeflate, extension } = ws as unknown as {
  readonly PerMessageDeflate: new (options: object) => { accept(offers: object): object };
  readonly extension: { parse(header: string): Readonly<Record<string, object>> };
};

/**
 * Whether a client's Sec-WebSocket-Extensions holds an offer that can be taken up. Others are declined by
 * silence, as RFC 7692 has it; ws itself would refuse the handshake that the backend has accepted.
 */
export function isAcceptableOffer(header: string): boolean {
  try {
    const offers = extension.parse(header)['permessage-deflate'];
    if (offers) new PerMessageDeflate({ ...deflateOptions, isServer: true }).accept(offers);
    return offers !== undefined;
  } catch {
    return false;
  }
}
