import { expect, test } from 'vitest';
import { makeApi } from '../support/make.ts';
import { useControlPlane } from '../support/start-control-plane.ts';
import { badRequest, notFound, outcome } from '../support/v1.ts';

const plane = useControlPlane();
const arn = (resource: string) => encodeURIComponent(`arn:aws:apigateway:us-east-1::/${resource}`);

test.each([
  ['apikeys', 'id', {}],
  ['usageplans', 'id', { name: 'x' }],
  ['clientcertificates', 'clientCertificateId', {}],
  [
    'vpclinks',
    'id',
    { name: 'x', targetArns: ['arn:aws:elasticloadbalancing:r:1:loadbalancer/net/a/b'] },
  ],
])('%s have tags, by the verbs of v1 and of v2', async (kind, idName, body) => {
  const made = (await plane.send('POST', `/${kind}`, body)).json;
  const resource = `${kind}/${made[idName]}`;
  const path = `/tags/${arn(resource)}`;
  expect((await plane.send('GET', path)).json).toEqual({ tags: {} });
  const tagged = await plane.send('PUT', path, { tags: { a: '1', b: '2' } });
  expect([tagged.status, tagged.text]).toEqual([204, '']);
  expect((await plane.send('DELETE', `${path}?tagKeys=a`)).status).toBe(204);
  expect((await plane.send('GET', path)).json).toEqual({ tags: { b: '2' } });
  expect((await plane.send('POST', `/v2${path}`, { tags: { c: '3' } })).status).toBe(201);
  expect((await plane.send('GET', `/${resource}`)).json.tags).toEqual({ b: '2', c: '3' });
});

test('APIs and stages have the same tags in v1', async () => {
  const apiId = await makeApi(plane);
  const path = `/tags/${arn(`apis/${apiId}`)}`;
  await plane.send('PUT', path, { tags: { a: '1' } });
  expect((await plane.aws.getApi({ ApiId: apiId })).Tags).toEqual({ a: '1' });
});

test('what is not there answers 404, what is no ARN 400', async () => {
  const get = async (resource: string) =>
    outcome(await plane.send('GET', `/tags/${arn(resource)}`));
  expect(await get('apikeys/nosuch')).toEqual(notFound('Invalid API Key identifier specified'));
  expect(await get('usageplans/nosuch')).toEqual(notFound('Invalid Usage Plan ID specified'));
  expect(await get('clientcertificates/nosuch')).toEqual(
    notFound('Invalid Client Certificate identifier specified'),
  );
  expect(await get('restapis/nosuch')).toEqual(badRequest('Invalid resource ARN specified'));
});
