import { describe, expect, test } from 'vitest';
import { makeApi } from './support/make.ts';
import { badRequest, notFound, refusal } from './support/refusal.ts';
import { startControlPlane, useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();
const httpOnly = (operation: string) =>
  badRequest(
    `The operation ${operation} is for APIs with a protocol type of HTTP, ` +
      'which are not supported by this version',
  );
const noCors = badRequest('Cors is not supported for WEBSOCKET protocolType');

describe('Operations on HTTP APIs', () => {
  test('say that they are', async () => {
    const ApiId = await makeApi(plane);
    const Body = '{"openapi":"3.0.1"}';
    const exported = { ApiId, OutputType: 'JSON', Specification: 'OAS30' } as const;
    expect(await refusal(plane.aws.importApi({ Body }))).toEqual(httpOnly('ImportApi'));
    expect(await refusal(plane.aws.reimportApi({ ApiId, Body }))).toEqual(httpOnly('ReimportApi'));
    expect(await refusal(plane.aws.exportApi(exported))).toEqual(httpOnly('ExportApi'));
    expect(await refusal(plane.aws.deleteCorsConfiguration({ ApiId }))).toEqual(noCors);
  });

  test('answer 404 for an unknown API', async () => {
    const ApiId = 'nosuchapi0';
    const unknown = notFound('Api', 'Invalid API identifier specified 123456789012:nosuchapi0');
    const exported = { ApiId, OutputType: 'JSON', Specification: 'OAS30' } as const;
    expect(await refusal(plane.aws.reimportApi({ ApiId, Body: '{}' }))).toEqual(unknown);
    expect(await refusal(plane.aws.exportApi(exported))).toEqual(unknown);
    expect(await refusal(plane.aws.deleteCorsConfiguration({ ApiId }))).toEqual(unknown);
  });

  test('remove the CORS settings that lenient mode keeps', async () => {
    const lenient = await startControlPlane({ lenient: true });
    const CorsConfiguration = { AllowOrigins: ['*'] };
    const { ApiId } = await lenient.aws.createApi({
      Name: 'http',
      ProtocolType: 'HTTP',
      CorsConfiguration,
    });
    await lenient.aws.deleteCorsConfiguration({ ApiId });
    expect(await lenient.aws.getApi({ ApiId })).not.toHaveProperty('CorsConfiguration');
    const webSocket = { ApiId: await makeApi(lenient) };
    expect(await refusal(lenient.aws.deleteCorsConfiguration(webSocket))).toEqual(noCors);
    await lenient.close();
  });
});
