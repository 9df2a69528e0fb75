import type { AwsCli } from './aws-cli.ts';

/** The placeholders of the guide that exist once the API does. */
export interface GuideApi {
  readonly API_ID: string;
  readonly REGION: string;
  readonly STAGE: string;
  readonly CONNECT_INTEG_ID: string;
  readonly DISCONNECT_INTEG_ID: string;
  readonly DEFAULT_INTEG_ID: string;
  readonly [placeholder: string]: string;
}

/**
 * The guide's section 1.1 by the aws CLI: an API with three routes to HTTP_PROXY integrations, a
 * stage and a first deployment. The mapping of section 1.2 is left to the test.
 */
export async function createGuideApi(aws: AwsCli, backend: string): Promise<GuideApi> {
  const { ApiId: apiId } = await aws(
    'aws apigatewayv2 create-api --name notifications --protocol-type WEBSOCKET ' +
      "--route-selection-expression '$request.body.action'",
  );
  const integrate = async (routeKey: string, path: string): Promise<string> => {
    const { IntegrationId: id } = await aws(
      `aws apigatewayv2 create-integration --api-id ${apiId} --integration-type HTTP_PROXY ` +
        `--integration-method POST --integration-uri ${backend}${path} ` +
        '--passthrough-behavior WHEN_NO_MATCH',
    );
    await aws(
      `aws apigatewayv2 create-route --api-id ${apiId} --route-key '${routeKey}' ` +
        `--target integrations/${id}`,
    );
    return id;
  };
  const ids = {
    CONNECT_INTEG_ID: await integrate('$connect', '/ws/connect'),
    DISCONNECT_INTEG_ID: await integrate('$disconnect', '/ws/disconnect'),
    DEFAULT_INTEG_ID: await integrate('$default', '/ws/message'),
  };
  await aws(`aws apigatewayv2 create-stage --api-id ${apiId} --stage-name production`);
  await aws(`aws apigatewayv2 create-deployment --api-id ${apiId} --stage-name production`);
  return { API_ID: apiId, REGION: 'us-east-1', STAGE: 'production', ...ids };
}
