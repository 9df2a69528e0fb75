import type { HttpReply } from '../wire/http-reply.ts';

/**
 * `GET /@health/live` answers while the process runs; `GET /@health/ready` answers 200 only while new
 * connections are welcome, so a load balancer turns away from a gateway that drains.
 */
export function answerHealth(path: string, isReady: boolean): HttpReply | undefined {
  switch (path) {
    case '/@health/live':
      return json(200, { status: 'live' });
    case '/@health/ready':
      return isReady ? json(200, { status: 'ready' }) : json(503, { status: 'draining' });
    default:
      return undefined;
  }
}

function json(status: number, body: Record<string, string>): HttpReply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
