import type { RunningControlPlane } from './start-control-plane.ts';

/** The shortest way to an API and its children, for tests about something else. */
export async function makeApi({ aws }: RunningControlPlane): Promise<string> {
  const api = await aws.createApi({
    Name: 'chat',
    ProtocolType: 'WEBSOCKET',
    RouteSelectionExpression: '$request.body.action',
  });
  return api.ApiId!;
}

export async function makeIntegration(
  { aws }: RunningControlPlane,
  ApiId: string,
): Promise<string> {
  const integration = await aws.createIntegration({
    ApiId,
    IntegrationType: 'HTTP_PROXY',
    IntegrationMethod: 'POST',
    IntegrationUri: 'http://127.0.0.1:3000/ws',
  });
  return integration.IntegrationId!;
}

export async function makeRoute(
  { aws }: RunningControlPlane,
  ApiId: string,
  RouteKey = '$default',
): Promise<string> {
  return (await aws.createRoute({ ApiId, RouteKey })).RouteId!;
}
