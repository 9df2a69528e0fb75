import {
  ApiGatewayManagementApiClient,
  GoneException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import * as people from './people.mjs';

/** Nothing here knows Postern: the same file, uploaded to Lambda, serves the same API on AWS. */
export async function handler(event) {
  const { routeKey, connectionId, domainName, stage } = event.requestContext;
  switch (routeKey) {
    case '$connect': {
      const name = event.queryStringParameters?.name;
      if (!name) return { statusCode: 400, body: 'Say who you are: ?name=Ada' };
      await people.add(connectionId, name);
      break;
    }
    case '$disconnect':
      await people.remove(connectionId);
      break;
    case 'sendMessage': {
      const { text } = JSON.parse(event.body);
      const message = JSON.stringify({ from: await people.nameOf(connectionId), text });
      const gateway = new ApiGatewayManagementApiClient({
        endpoint: `https://${domainName}/${stage}`,
      });
      await Promise.all((await people.all()).map((id) => push(gateway, id, message)));
    }
  }
  return { statusCode: 200 };
}

async function push(gateway, connectionId, message) {
  try {
    await gateway.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: message }));
  } catch (error) {
    if (!(error instanceof GoneException)) throw error;
    await people.remove(connectionId);
  }
}
