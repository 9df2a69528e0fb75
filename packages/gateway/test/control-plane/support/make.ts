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

export const lambdaUri =
  'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/' +
  'arn:aws:lambda:us-east-1:123456789012:function:f/invocations';

export async function makeAuthorizer({ aws }: RunningControlPlane, ApiId: string): Promise<string> {
  const authorizer = await aws.createAuthorizer({
    ApiId,
    Name: 'gate',
    AuthorizerType: 'REQUEST',
    AuthorizerUri: lambdaUri,
    IdentitySource: ['route.request.querystring.token'],
  });
  return authorizer.AuthorizerId!;
}

export async function makeCertificate({ send }: RunningControlPlane): Promise<string> {
  return (await send('POST', '/clientcertificates', {})).json.clientCertificateId;
}

export async function makeRoute(
  { aws }: RunningControlPlane,
  ApiId: string,
  RouteKey = '$default',
): Promise<string> {
  return (await aws.createRoute({ ApiId, RouteKey })).RouteId!;
}
