/**
 * The address of the management API: scheme, host and stage, as the AWS SDKs take it.
 * The four classic mistakes (a wss address, a path that goes on to `/@connections`, no stage,
 * no address at all) are each answered with what to write instead.
 */
import { isIP } from 'node:net';

export interface Endpoint {
  readonly protocol: 'http:' | 'https:';
  /** Host with its port, as the Host header carries it. */
  readonly host: string;
  readonly hostname: string;
  /** Empty for the scheme's own port. */
  readonly port: string;
  /** `/production`, or empty behind a custom domain without a mapping key. */
  readonly stagePath: string;
}

const FORM = 'https://<API_ID>.execute-api.<REGION>.amazonaws.com/<STAGE>';
const LOCAL_FORM = 'http://127.0.0.1:4080/<STAGE>';

/** @throws TypeError whose message says what to write. */
export function parseEndpoint(text: string | undefined): Endpoint {
  if (typeof text !== 'string' || text.trim() === '') {
    throw new TypeError(
      `endpoint is missing: write the https address of the stage, ${FORM}, or ${LOCAL_FORM}`,
    );
  }
  const written = text.trim();
  if (/[<>]/.test(written)) {
    throw new TypeError(`endpoint "${written}" still has a placeholder: fill it in`);
  }
  const repaired = repair(written);
  if (repaired !== undefined) {
    throw new TypeError(
      `endpoint "${written}" is ${repaired.mistake}: write "${repaired.instead}" instead`,
    );
  }
  const url = parseUrl(written);
  if (url === undefined) {
    throw new TypeError(`endpoint "${written}" is not a URL: write one like ${FORM}`);
  }
  return fromUrl(written, url);
}

function fromUrl(written: string, url: URL): Endpoint {
  if (url.username || url.password || url.search || url.hash) {
    throw new TypeError(
      `endpoint "${url.protocol}//${url.host}…" may only have a scheme, a host and a stage`,
    );
  }
  const stagePath = url.pathname.replace(/\/+/g, '/').replace(/\/$/, '');
  if (stagePath === '' && needsStage(url.hostname)) {
    throw new TypeError(
      `endpoint "${written}" has no stage: write "${url.origin}/<STAGE>", for example` +
        ` "${url.origin}/production"`,
    );
  }
  return {
    protocol: url.protocol as Endpoint['protocol'],
    host: url.host,
    hostname: url.hostname,
    port: url.port,
    stagePath,
  };
}

function repair(written: string): { mistake: string; instead: string } | undefined {
  let instead = written;
  const mistakes: string[] = [];
  if (/^wss?:\/\//i.test(instead)) {
    mistakes.push('the address clients connect to');
    instead = instead.replace(/^ws/i, 'http');
  } else if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(instead)) {
    mistakes.push('without its scheme');
    instead = `https://${instead}`;
  } else if (!/^https?:/i.test(instead)) {
    mistakes.push('not an http or https address');
    instead = instead.replace(/^[^:]*/, 'https');
  }
  if (/\/(@|%40)connections\b/i.test(instead)) {
    mistakes.push('longer than the stage (the kit adds /@connections)');
    instead = instead.replace(/\/(@|%40)connections\b.*$/i, '');
  }
  return mistakes.length === 0 ? undefined : { mistake: mistakes.join(' and '), instead };
}

/** Behind a custom domain the mapping key may be empty; these hosts are never custom domains. */
function needsStage(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return isIP(bare) > 0 || bare === 'localhost' || /\.execute-api\./.test(bare);
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** The region in an Amazon host name, if it is one: `kt2q.execute-api.eu-west-1.amazonaws.com`. */
export function regionOf(endpoint: Endpoint): string | undefined {
  return /\.execute-api\.([a-z0-9-]+)\.amazonaws\./.exec(endpoint.hostname)?.[1];
}
