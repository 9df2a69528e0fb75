import type { IncomingHttpHeaders } from 'node:http';
import type { RequestContext } from '../iam/request-context.ts';
import { type ClientAddress, plainAddress } from './client-address.ts';

/** Of a request, as its door has read it. */
type Request = {
  readonly headers: Partial<
    Pick<IncomingHttpHeaders, 'user-agent' | 'referer' | 'x-forwarded-for' | 'x-forwarded-proto'>
  >;
  readonly socket: { readonly remoteAddress?: string | undefined };
};

/** What policies may ask of a request itself, as condition keys; of its caller, `iam/` knows. */
export function callerConditions(request: Request, clientAddress: ClientAddress): RequestContext {
  const { headers, socket } = request;
  const sourceIp = clientAddress(request);
  const userAgent = headers['user-agent'];
  return {
    'aws:SourceIp': sourceIp,
    'aws:SecureTransport': String('encrypted' in socket || isForwardedTls(request, sourceIp)),
    ...(userAgent !== undefined && { 'aws:UserAgent': userAgent }),
    ...(headers.referer !== undefined && { 'aws:Referer': headers.referer }),
  };
}

/** A proxy that is believed about the client's address may also say that it came by TLS. */
function isForwardedTls({ headers, socket }: Request, sourceIp: string): boolean {
  const isBelieved = plainAddress(socket.remoteAddress ?? '') !== sourceIp;
  return isBelieved && headers['x-forwarded-proto'] === 'https';
}
