import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { ControlCall } from '../templates/control-client.ts';
import { pathOf, queryOf } from '../wire/request-url.ts';

/** The control plane as the loaders of `templates/` call it: in this process, without a signature. */
export function controlCall(controlPlane: Pick<ControlPlane, 'handle'>): ControlCall {
  return async (method, target, body) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const reply = await controlPlane.handle({
      method,
      path: pathOf(target),
      query: queryOf(target),
      body: Buffer.from(text),
    });
    return { status: reply.status, body: reply.body === '' ? undefined : JSON.parse(reply.body) };
  };
}
