import { describe, expect, test } from 'vitest';
import type { RouteSpec } from '../support/start-gateway.ts';
import { connect, refusal } from '../support/test-socket.ts';
import { useGateway } from '../support/use-gateway.ts';

const at = useGateway();

async function open(route: RouteSpec) {
  const api = await at.gateway.createApi({
    routes: { $default: { type: 'HTTP', url: `${at.backend.url}/custom`, ...route } },
  });
  return connect(`${api.wsUrl}?token=secret`, { headers: { Cookie: 'c=1' } });
}

const arrived = () => at.backend.requests('/custom').next();

describe('what an HTTP backend receives', () => {
  test("the template's text, mapped headers and the gateway's own; nothing else of the client's", async () => {
    const socket = await open({
      requestParameters: {
        'integration.request.header.x-connection': 'context.connectionId',
        'integration.request.querystring.room': 'route.request.body.room',
      },
      integration: {
        requestTemplates: { $default: '{"said":$input.json(\'$.text\'),"in":"$context.stage"}' },
      },
    });
    socket.send('{"text":"é \\"quoted\\"","room":"a b"}');
    const request = await arrived();
    expect(request.text).toBe('{"said":"é \\"quoted\\"","in":"test"}');
    expect(request.url).toBe('/custom?room=a%20b');
    expect(request.headers).toMatchObject({
      'content-type': 'application/json',
      accept: 'application/json',
      'user-agent': expect.stringMatching(/^AmazonAPIGateway_\w{10}$/),
      'x-amzn-apigateway-api-id': expect.stringMatching(/^\w{10}$/),
      'x-connection': expect.stringMatching(/^[\w-]{18}==$/),
    });
    expect(request.headers.cookie).toBeUndefined();
  });

  test('the message as it is where there is no template', async () => {
    const socket = await open({});
    socket.send('hello');
    expect((await arrived()).text).toBe('hello');
  });

  test('the template that the selection expression chooses', async () => {
    const socket = await open({
      integration: {
        templateSelectionExpression: '$request.body.kind',
        requestTemplates: { a: 'template a', $default: 'the default' },
      },
    });
    socket.send('{"kind":"a"}');
    expect((await arrived()).text).toBe('template a');
    socket.send('{"kind":"b"}');
    expect((await arrived()).text).toBe('the default');
  });

  test('no body where the method is GET: the template is lost, as on AWS', async () => {
    const socket = await open({
      method: 'GET',
      integration: { requestTemplates: { $default: 'lost' } },
    });
    socket.send('{}');
    const request = await arrived();
    expect([request.method, request.text]).toEqual(['GET', '']);
  });

  test('the decoded bytes with CONVERT_TO_BINARY, and nothing of what is no base64', async () => {
    const socket = await open({ integration: { contentHandlingStrategy: 'CONVERT_TO_BINARY' } });
    socket.send(Buffer.from([0, 255, 1]).toString('base64'));
    expect((await arrived()).body).toEqual(Buffer.from([0, 255, 1]));
    socket.send('not base64!');
    expect(await socket.next()).toMatch(/^\{"message": "Internal server error", /);
  });
});

describe("what the client reads of an HTTP backend's answer", () => {
  const responses = [
    {
      integrationResponseKey: '/2\\d\\d/',
      responseTemplates: { $default: '{"ok":$input.json(\'$.value\')}' },
    },
    {
      integrationResponseKey: '$default',
      responseTemplates: { $default: 'failed: $input.body' },
    },
  ];

  test('what the response of its status makes of it', async () => {
    const socket = await open({ twoWay: true, responses });
    at.backend.answer('/custom', (request, response) => {
      response.writeHead(request.text === 'good' ? 201 : 503).end('{"value":[1,"x"]}');
    });
    socket.send('good');
    expect(await socket.next()).toBe('{"ok":[1,"x"]}');
    socket.send('bad');
    expect(await socket.next()).toBe('failed: {"value":[1,"x"]}');
  });

  test('a template chosen by a header of the answer', async () => {
    const socket = await open({
      twoWay: true,
      responses: [
        {
          integrationResponseKey: '$default',
          templateSelectionExpression: '${integration.response.header.X-Kind}',
          responseTemplates: { loud: 'LOUD', $default: 'quiet' },
        },
      ],
    });
    at.backend.answer('/custom', (_, response) => response.setHeader('x-kind', 'loud').end());
    socket.send('x');
    expect(await socket.next()).toBe('LOUD');
  });

  test('base64 of what is not text with CONVERT_TO_TEXT', async () => {
    const socket = await open({
      twoWay: true,
      responses: [
        { integrationResponseKey: '$default', contentHandlingStrategy: 'CONVERT_TO_TEXT' },
      ],
    });
    at.backend.answer('/custom', (_, response) => response.end(Buffer.from([0, 255, 1])));
    socket.send('x');
    expect(await socket.next()).toBe('AP8B');
  });

  test('the text that base64 stands for with CONVERT_TO_BINARY', async () => {
    const socket = await open({
      twoWay: true,
      responses: [
        { integrationResponseKey: '$default', contentHandlingStrategy: 'CONVERT_TO_BINARY' },
      ],
    });
    at.backend.answer('/custom', (_, response) => response.end('aGVsbG8='));
    socket.send('x');
    expect(await socket.next()).toBe('hello');
  });
});

describe('on $connect', () => {
  const withConnect = (status: number) => {
    at.backend.answer('/custom', (_, response) => response.writeHead(status).end('{"why":"full"}'));
    return at.gateway.createApi({
      routes: {
        $connect: {
          type: 'HTTP',
          url: `${at.backend.url}/custom`,
          responses: [
            {
              integrationResponseKey: '$default',
              responseTemplates: { $default: "refused: $input.path('$.why')" },
            },
          ],
        },
      },
    });
  };

  test('a 2xx of the backend accepts', async () => {
    await connect((await withConnect(204)).wsUrl);
  });

  test('a sub-protocol that would end its header line refuses with 500', async () => {
    at.backend.answer('/custom', (_, response) =>
      response.end(JSON.stringify({ protocol: 'chat\r\nset-cookie: a=1' })),
    );
    const api = await at.gateway.createApi({
      routes: {
        $connect: {
          type: 'HTTP',
          url: `${at.backend.url}/custom`,
          responses: [
            {
              integrationResponseKey: '$default',
              responseParameters: {
                'route.response.header.Sec-WebSocket-Protocol':
                  'integration.response.body.protocol',
              },
            },
          ],
        },
      },
    });
    const refused = await refusal(api.wsUrl, { protocols: ['chat'] });
    expect(refused.status).toBe(500);
    expect(refused.headers).not.toHaveProperty('set-cookie');
  });

  test("another status refuses with it; the body is the template's", async () => {
    const refused = await refusal((await withConnect(409)).wsUrl);
    expect([refused.status, refused.body]).toEqual([409, 'refused: full']);
  });
});
