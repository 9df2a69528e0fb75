/**
 * What the gateway knows about one event of a connection. Names and meaning are those of
 * `requestContext` in Lambda events and of `$context` in mappings; members that do not apply are
 * absent, never null.
 */
export interface RequestContext {
  readonly routeKey: string;
  readonly authorizer?: Readonly<Record<string, string | number>>;
  readonly messageId?: string;
  readonly disconnectStatusCode?: number;
  readonly eventType: EventType;
  readonly extendedRequestId: string;
  /** Common Log Format, UTC: `25/Sep/2026:00:02:11 +0000`. */
  readonly requestTime: string;
  readonly messageDirection: 'IN';
  readonly disconnectReason?: string;
  readonly stage: string;
  /** Epoch milliseconds. */
  readonly connectedAt: number;
  /** Epoch milliseconds. */
  readonly requestTimeEpoch: number;
  readonly identity: Identity;
  readonly requestId: string;
  /** Host, and port where it is not the scheme's own, as the client addressed the gateway. */
  readonly domainName: string;
  readonly connectionId: string;
  readonly apiId: string;
}

export type EventType = 'CONNECT' | 'MESSAGE' | 'DISCONNECT';

export interface Identity {
  readonly sourceIp: string;
  /** Absent when the client sent no User-Agent. */
  readonly userAgent?: string;
  readonly apiKey?: string;
  readonly apiKeyId?: string;
  /** The members below tell who signed the handshake, where `$connect` asks for IAM. */
  readonly accountId?: string;
  readonly caller?: string;
  readonly user?: string;
  readonly userArn?: string;
  readonly accessKey?: string;
  /** Where TLS clients must show a certificate. AWS has it for REST APIs alone, with these members. */
  readonly clientCert?: ClientCert;
}

export interface ClientCert {
  /** `CN=device-7,O=Example`: RFC 4514, the most particular name first. */
  readonly subjectDN: string;
  readonly issuerDN: string;
  /** `a1:b2:…` */
  readonly serialNumber: string;
  /** `May 28 12:30:02 2019 GMT` */
  readonly validity: { readonly notBefore: string; readonly notAfter: string };
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');
const two = (value: number) => String(value).padStart(2, '0');
let formattedSecond = -1;
let formatted = '';

/** Common Log Format of an epoch in milliseconds. Remembers the last second: messages come in crowds. */
export function clfTime(epochMillis: number): string {
  const second = Math.floor(epochMillis / 1000);
  if (second !== formattedSecond) {
    const at = new Date(second * 1000);
    const day = `${two(at.getUTCDate())}/${MONTHS[at.getUTCMonth()]}/${at.getUTCFullYear()}`;
    const time = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`;
    formatted = `${day}:${time} +0000`;
    formattedSecond = second;
  }
  return formatted;
}
