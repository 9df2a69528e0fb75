import { expect, test } from 'vitest';
import { useWorkbench } from './support/stacks.ts';

const bench = useWorkbench();

const CHAT = `
Resources:
  Chat:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Name: chat
      ProtocolType: WEBSOCKET
      RouteSelectionExpression: $request.body.action
  Backend:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Chat
      IntegrationType: HTTP_PROXY
      IntegrationMethod: POST
      IntegrationUri: http://localhost:3000/ws
      TimeoutInMillis: "5000"
  Connect:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Chat
      RouteKey: $connect
      Target: !Sub integrations/\${Backend}
  Deployment:
    Type: AWS::ApiGatewayV2::Deployment
    Properties:
      ApiId: !Ref Chat
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties:
      ApiId: !Ref Chat
      StageName: prod
      DeploymentId: !Ref Deployment
`;

test('a new stack is made, and the same again changes nothing', async () => {
  expect(await bench.plan(CHAT)).toMatchInlineSnapshot(`
    [
      "+ Api Chat chat",
      "+ Integration Backend http://localhost:3000/ws",
      "+ Route Connect $connect",
      "+ Deployment Deployment ",
      "+ Stage Stage prod",
    ]
  `);
  const done = await bench.deploy(CHAT);
  expect(done.steps.length).toBe(5);
  bench.writes = [];
  expect(await bench.plan(CHAT)).toEqual([]);
  const again = await bench.deploy(CHAT);
  expect(again.steps).toEqual([]);
  expect(bench.writes).toEqual([]);
});
