import { publicUrl, socketUrl, version } from '../gateway/session.ts';
import { Code } from '../ui/code.tsx';
import { Empty } from '../ui/parts.tsx';

/** What to do on a gateway that has no API yet. */
export function Quickstart() {
  const region = version.value?.region ?? 'us-east-1';
  return (
    <Empty title="No API yet. Ten lines make one">
      <p>
        Any of these, from a shell beside your backend. The page notices by itself once one is
        deployed.
      </p>
      <h3>A backend you have</h3>
      <Code text="npx postern dev --backend http://127.0.0.1:3000" />
      <h3>The aws CLI</h3>
      <Code text={commands(publicUrl.value, region)} />
      <h3>A template</h3>
      <Code text="npx postern deploy serverless.yml    # or a SAM, CloudFormation, AsyncAPI file" />
      <p>Then, in any page of this machine:</p>
      <Code
        text={`socket = new WebSocket('${socketUrl.value}/production');
socket.onmessage = (event) => console.log(event.data);`}
      />
    </Empty>
  );
}

function commands(url: string, region: string): string {
  return `export AWS_ENDPOINT_URL=${url} AWS_DEFAULT_REGION=${region}
API=$(aws apigatewayv2 create-api --name chat --protocol-type WEBSOCKET \\
  --route-selection-expression '$request.body.action' --query ApiId --output text)
INTEGRATION=$(aws apigatewayv2 create-integration --api-id $API --integration-type HTTP_PROXY \\
  --integration-method POST --integration-uri http://127.0.0.1:3000/ws/message \\
  --request-parameters '{"integration.request.header.connectionId":"context.connectionId"}' \\
  --query IntegrationId --output text)
aws apigatewayv2 create-route --api-id $API --route-key '$default' --target integrations/$INTEGRATION
aws apigatewayv2 create-stage --api-id $API --stage-name production
aws apigatewayv2 create-deployment --api-id $API --stage-name production`;
}
