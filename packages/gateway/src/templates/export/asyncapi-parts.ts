/** What every exported AsyncAPI document has: `@connections`, and the ways to prove who one is. */
import type { ApiDocument } from '../../resources/api-document.ts';
import type { Dictionary } from '../../resources/record.ts';
import { readExtensions, type StageExtensions } from '../../resources/stage-extensions.ts';

type Values = Dictionary<unknown>;

export const apiKeyScheme = 'apiKey';

/** Of stages that take the key in the query, or a token: ways that AWS does not have. */
export function stageSchemes(extensions: StageExtensions): Values {
  const { apiKeyQueryParameter: name, jwtIssuer } = extensions;
  return {
    ...(name !== '' && {
      apiKeyInQuery: {
        type: 'httpApiKey',
        name,
        in: 'query',
        description: 'API key of a usage plan, for clients that can set no header.',
      },
    }),
    ...(jwtIssuer !== '' && {
      jwt: {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: `JSON Web Token of ${jwtIssuer}`,
      },
    }),
  };
}

export function securitySchemes({ authorizers, api, stages }: ApiDocument): Values {
  const [authorizer] = Object.values(authorizers);
  const [source = 'route.request.header.Authorization'] = authorizer?.identitySource ?? [];
  const [, place, name] = /^route\.request\.(header|querystring)\.(.+)$/.exec(source) ?? [];
  const isFromAuthorizer = api.apiKeySelectionExpression !== '$request.header.x-api-key';
  const ofStages = Object.values(stages).map(({ tags }) => stageSchemes(readExtensions(tags)));
  return {
    ...Object.assign({}, ...ofStages),
    iamAuth: {
      type: 'httpApiKey',
      name: 'Authorization',
      in: 'header',
      description: 'AWS Signature Version 4 (service execute-api), in headers or in the URL.',
    },
    lambdaAuthorizer: {
      type: 'httpApiKey',
      name: name ?? 'Authorization',
      in: place === 'querystring' ? 'query' : 'header',
      description: 'What the Lambda authorizer of $connect looks at.',
    },
    [apiKeyScheme]: {
      type: 'httpApiKey',
      name: 'x-api-key',
      in: 'header',
      description: isFromAuthorizer
        ? 'API key of a usage plan, given by the Lambda authorizer.'
        : 'API key of a usage plan.',
    },
  };
}

const CHANNEL = { $ref: '#/channels/connectionManagement' };
const message = (name: string) => ({ $ref: `#/channels/connectionManagement/messages/${name}` });

export function managementParts() {
  return {
    channels: {
      connectionManagement: {
        address: '@connections/{connectionId}',
        title: 'Connection management',
        description: 'POST sends to one client, GET tells about its connection, DELETE closes it.',
        parameters: { connectionId: { description: 'The connectionId that events carry.' } },
        messages: {
          postToConnection: { $ref: '#/components/messages/PostToConnection' },
          connectionStatus: { $ref: '#/components/messages/ConnectionStatus' },
        },
      },
    },
    operations: {
      postToConnection: {
        action: 'send',
        channel: CHANNEL,
        summary: 'Sends a message to one connected client.',
        bindings: { http: { method: 'POST', bindingVersion: '0.3.0' } },
        messages: [message('postToConnection')],
      },
      getConnection: {
        action: 'receive',
        channel: CHANNEL,
        summary: 'Tells when a client connected, when it was last active, and where it is.',
        bindings: { http: { method: 'GET', bindingVersion: '0.3.0' } },
        messages: [message('connectionStatus')],
      },
      deleteConnection: {
        action: 'send',
        channel: CHANNEL,
        summary: 'Closes the connection of one client.',
        bindings: { http: { method: 'DELETE', bindingVersion: '0.3.0' } },
        messages: [],
      },
    },
    messages: {
      AnyMessage: {
        name: 'AnyMessage',
        summary: 'Any text of at most 128 KB; JSON, where a route is selected by its content.',
        contentType: 'application/json',
        payload: {},
      },
      PostToConnection: {
        name: 'PostToConnection',
        summary: 'Sent to the client as it is.',
        contentType: 'application/octet-stream',
        payload: { type: 'string' },
      },
      ConnectionStatus: {
        name: 'ConnectionStatus',
        contentType: 'application/json',
        payload: { $ref: '#/components/schemas/ConnectionInfo' },
      },
    },
    schemas: {
      ConnectionInfo: {
        type: 'object',
        properties: {
          connectedAt: { type: 'string', format: 'date-time' },
          lastActiveAt: { type: 'string', format: 'date-time' },
          identity: {
            type: 'object',
            properties: {
              sourceIp: { type: 'string' },
              userAgent: { type: ['string', 'null'] },
            },
          },
        },
      },
    },
  };
}
