import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RouteSpec, startGateway, type TestGateway } from '../support/start-gateway.ts';
import { connect, refusal } from '../support/test-socket.ts';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startGateway();
});
afterEach(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
});

const ok = { $default: '{"statusCode": 200}' };

/** Opens a connection whose messages go to a two-way MOCK route. */
async function open(route: Partial<RouteSpec> = {}, stageVariables = {}) {
  const api = await gateway.createApi({
    routes: { $default: { type: 'MOCK', twoWay: true, ...route } },
    stageVariables,
  });
  return connect(`${api.wsUrl}?token=a&token=b`, { headers: { 'User-Agent': 'test/1' } });
}

async function ask(message: string, route: Partial<RouteSpec>, stageVariables = {}) {
  const socket = await open(route, stageVariables);
  socket.send(message);
  return socket.next();
}

const reply = (template: string, selection?: string): Partial<RouteSpec> => ({
  integration: { requestTemplates: ok },
  responses: [
    {
      integrationResponseKey: '$default',
      responseTemplates: { $default: template },
      templateSelectionExpression: selection,
    },
  ],
});

const internal = /^\{"message": "Internal server error", /;

describe('the status that the request template renders chooses the integration response', () => {
  const responses = [
    { integrationResponseKey: '/4\\d\\d/', responseTemplates: { $default: 'four' } },
    { integrationResponseKey: '/200/', responseTemplates: { $default: 'fine' } },
    { integrationResponseKey: '$default', responseTemplates: { $default: 'other' } },
  ];
  test.each([
    ['200', 'fine'],
    ['404', 'four'],
    ['500', 'other'],
    ['4040', 'other'],
  ])('%s: %s', async (status, expected) => {
    const template = `{"statusCode": $input.path('$.status')}`;
    const integration = { requestTemplates: { $default: template } };
    expect(await ask(`{"status":${status}}`, { integration, responses })).toBe(expected);
  });

  test('the first that matches, in the order of their creation', async () => {
    const both = [
      { integrationResponseKey: '/2.*/', responseTemplates: { $default: 'first' } },
      { integrationResponseKey: '/200/', responseTemplates: { $default: 'second' } },
    ];
    expect(await ask('{}', { integration: { requestTemplates: ok }, responses: both })).toBe(
      'first',
    );
  });

  test('without a match and without $default: Internal server error', async () => {
    const none = [{ integrationResponseKey: '/404/' }];
    const route = { integration: { requestTemplates: ok }, responses: none };
    expect(await ask('{}', route)).toMatch(internal);
  });

  test('without any integration response there is no form for a reply', async () => {
    expect(await ask('{}', { integration: { requestTemplates: ok } })).toMatch(internal);
  });

  test('the key may stand without quotes, as Amazon takes it', async () => {
    const loose = { requestTemplates: { $default: '{statusCode: 200}' } };
    expect(await ask('{}', { ...reply('loose'), integration: loose })).toBe('loose');
  });

  test.each(['[]', '{"statusCode":"x"}', '{}', 'text', '{"statusCode":1.5}'])(
    'a rendered %s is a configuration error',
    async (text) => {
      const integration = { requestTemplates: { $default: text } };
      expect(await ask('{}', { ...reply('x'), integration })).toMatch(internal);
    },
  );
});

describe('the reply', () => {
  test('sees context and stage variables', async () => {
    const template =
      '$context.routeKey $context.eventType $context.stage $context.identity.userAgent $stageVariables.color';
    expect(await ask('{}', reply(template), { color: 'blue' })).toBe(
      '$default MESSAGE test test/1 blue',
    );
  });

  test('is chosen by a template selection expression over the status', async () => {
    const route = {
      integration: { requestTemplates: ok },
      responses: [
        {
          integrationResponseKey: '$default',
          templateSelectionExpression: '${integration.response.statuscode}',
          responseTemplates: { '200': 'by status', $default: 'by default' },
        },
      ],
    };
    expect(await ask('{}', route)).toBe('by status');
  });

  test('is empty, and sent, where there is no template', async () => {
    const route = {
      integration: { requestTemplates: ok },
      responses: [{ integrationResponseKey: '$default' }],
    };
    expect(await ask('{}', route)).toBe('');
  });

  test('on a one-way route nothing comes back', async () => {
    const socket = await open({ ...reply('never'), twoWay: false });
    socket.send('{}');
    const pong = new Promise((resolve) => socket.socket.once('pong', resolve));
    socket.socket.ping();
    await pong;
    expect(socket.pending).toBe(0);
  });
});

describe('passthroughBehavior', () => {
  const statusOnly = { $default: undefined, other: '{"statusCode":200}' };
  test.each([
    // templates, behaviour, what comes of the message {"statusCode":200}
    ['none', 'WHEN_NO_MATCH', 'passed'],
    ['none', 'WHEN_NO_TEMPLATES', 'passed'],
    ['none', 'NEVER', 'Unsupported Media Type'],
    ['no match', 'WHEN_NO_MATCH', 'passed'],
    ['no match', 'WHEN_NO_TEMPLATES', 'Unsupported Media Type'],
    ['no match', 'NEVER', 'Unsupported Media Type'],
    ['match', 'NEVER', 'passed'],
  ])('templates: %s, %s: %s', async (templates, passthroughBehavior, expected) => {
    const integration = {
      passthroughBehavior,
      ...(templates !== 'none' && {
        requestTemplates: statusOnly,
        templateSelectionExpression: templates === 'match' ? 'other' : 'nothing',
      }),
    };
    const text = await ask('{"statusCode":200}', { ...reply('passed'), integration });
    if (expected === 'passed') expect(text).toBe('passed');
    else expect(text).toMatch(new RegExp(`^\\{"message": "${expected}", `));
  });
});

describe('a template that fails does so alone', () => {
  test.each([
    [
      'loops without end',
      '#foreach($a in [1..1000])#foreach($b in [1..1000])#foreach($c in [1..1000])x#end#end#end',
    ],
    ['grows without end', '#set($s="xxxxxxxxxx")#foreach($i in [1..1000])#set($s="$s$s")#end$s'],
  ])('%s: Internal server error, and others are served', async (_, template) => {
    const failing = await open(reply(template));
    const other = await open(reply('fine'));
    failing.send('{}');
    other.send('{}');
    expect(await failing.next()).toMatch(internal);
    expect(await other.next()).toBe('fine');
  });

  test('asks for a prototype: nothing is there', async () => {
    const template = '[$util.constructor][$input.constructor][$context.class][$stageVariables.x.y]';
    expect(await ask('{}', reply(template))).toBe('[][][][]');
  });

  test('a template that is no template is a configuration error', async () => {
    expect(await ask('{}', reply('#if($x'))).toMatch(internal);
  });
});

describe('on $connect', () => {
  test('200 accepts, and the response chooses the sub-protocol', async () => {
    const api = await gateway.createApi({
      routes: {
        $connect: {
          type: 'MOCK',
          integration: { requestTemplates: ok },
          responses: [
            {
              integrationResponseKey: '$default',
              responseParameters: { 'route.response.header.Sec-WebSocket-Protocol': "'news'" },
            },
          ],
        },
      },
    });
    const socket = await connect(api.wsUrl, { protocols: ['news'] });
    expect(socket.socket.protocol).toBe('news');
  });

  test('accepts without any integration response', async () => {
    const api = await gateway.createApi({
      routes: { $connect: { type: 'MOCK', integration: { requestTemplates: ok } } },
    });
    await connect(api.wsUrl);
  });

  test('a status below 200, which is no answer yet, refuses with 500', async () => {
    const api = await gateway.createApi({
      routes: {
        $connect: {
          type: 'MOCK',
          integration: { requestTemplates: { $default: '{"statusCode":101}' } },
        },
      },
    });
    expect((await refusal(api.wsUrl)).status).toBe(500);
  });

  test('another status refuses with it, and the template is the body', async () => {
    const api = await gateway.createApi({
      routes: {
        $connect: {
          type: 'MOCK',
          integration: {
            requestTemplates: {
              $default: `{"statusCode": #if($input.params('token') == 'good')200#{else}401#end}`,
            },
          },
          responses: [
            { integrationResponseKey: '$default', responseTemplates: { $default: 'bad token' } },
          ],
        },
      },
    });
    await connect(`${api.wsUrl}?token=good`);
    const refused = await refusal(`${api.wsUrl}?token=bad`);
    expect([refused.status, refused.body]).toEqual([401, 'bad token']);
  });
});
