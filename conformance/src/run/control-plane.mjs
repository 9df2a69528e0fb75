import { callHttp } from '../wire/http-call.mjs';

/**
 * One call of the control plane that must succeed.
 *
 * @param {import('./world.mjs').Target} target
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<any>} the answer's JSON
 */
export async function callControlPlane(target, method, path, body) {
  const { controlUrl, credentials, region, patienceMillis } = target;
  const answer = await callHttp({
    method,
    url: new URL(path, controlUrl),
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? '' : JSON.stringify(body),
    sign: { credentials, region, service: 'apigateway' },
    patienceMillis,
  });
  if (answer.status >= 300) {
    throw new Error(`setting up: ${method} ${path} was answered ${answer.status} ${answer.body}`);
  }
  return answer.body === '' ? {} : JSON.parse(answer.body);
}
