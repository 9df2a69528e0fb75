import { expect, test } from 'vitest';
import { type EventScope, emptyBody, MessageBody } from '../../../src/mapping/scope.ts';
import { compileTemplate } from '../../../src/mapping/vtl/template.ts';
import { templateVariables } from '../../../src/mapping/vtl/variables.ts';

const context: EventScope['context'] = {
  routeKey: 'send',
  eventType: 'MESSAGE',
  messageId: 'mid=',
  extendedRequestId: 'rid=',
  requestTime: '25/Sep/2026:00:02:11 +0000',
  messageDirection: 'IN',
  stage: 'prod',
  connectedAt: 1785000000000,
  requestTimeEpoch: 1785000001000,
  identity: { sourceIp: '10.0.0.1', userAgent: 'curl/8' },
  requestId: 'rid=',
  domainName: 'abc.example.com',
  connectionId: 'cid=',
  apiId: 'abc',
};

function render(template: string, body: string, scope: Partial<EventScope> = {}): string {
  const whole: EventScope = {
    context,
    connection: context,
    stageVariables: { table: 'rooms', 'with-hyphen': 'x' },
    body: new MessageBody(Buffer.from(body)),
    ...scope,
  };
  return compileTemplate(template).render(templateVariables(whole));
}

const body =
  '{"a":1,"s":"it\'s","l":[{"c":5},"x"],"m":{"b":2,"1":1.0},"n":null,"big":12345678901234567890}';

const inputs: readonly (readonly [template: string, payload: string, output: string])[] = [
  ['$input.body', 'not json', 'not json'],
  ['$input.body', '', '{}'],
  ["$input.json('$')", body, body.replace("it's", "it's")],
  ["$input.json('$.s')", body, '"it\'s"'],
  ["$input.json('$.l')", body, '[{"c":5},"x"]'],
  ["$input.json('$.m')", body, '{"b":2,"1":1.0}'],
  ["$input.json('$.n')", body, 'null'],
  ["$input.json('$.none')", body, '""'],
  ["$input.json('$.a')", 'not json', '""'],
  ["$input.json('$')", '', '{}'],
  ["$input.json('$.l[*].c')", body, '[5]'],
  ["$input.path('$')", '{"a":1,"b":[{"c":5}]}', '{a=1, b=[{"c":5}]}'],
  ["$input.path('$.l')", body, '[{"c":5},"x"]'],
  ["$input.path('$.m')", body, '{b=2, 1=1.0}'],
  ["$input.path('$.big')", body, '12345678901234567890'],
  ["[$input.path('$.none')] [$input.path('$.n')]", body, '[] []'],
  ["$input.path('$.l').size() $input.path('$.l')[0].c $input.path('$.l[0]').c", body, '2 5 5'],
  ["#foreach($x in $input.path('$.l'))$foreach.index:$x #end", body, '0:{c=5} 1:x '],
  ["#set($root = $input.path('$'))$root.a/$root.m.b", body, '1/2'],
  ["$input.params('x')|$input.params()", body, '|{path={}, querystring={}, header={}}'],
  ['$input.constructor $input.body.constructor $util["__proto__"]', body, '  '],
];

for (const [template, payload, output] of inputs) {
  test(`${template} of ${payload === '' ? 'nothing' : payload} renders ${output}`, () => {
    expect(render(template, payload)).toBe(output);
  });
}

test('$input.params looks at the query, then at the headers, of the handshake', () => {
  const handshake = {
    headers: new Map([
      ['X-Token', ['h1', 'h2']],
      ['room', ['h']],
    ]),
    query: new Map([['room', ['q']]]),
  };
  const template =
    "$input.params('room') $input.params('X-Token') [$input.params('none')] $input.params().header.room";
  expect(render(template, '', { handshake, body: emptyBody })).toBe('q h2 [] h');
});

test('a path that does not compile fails the template with its position', () => {
  expect(() => render("\n $input.json('$[')", body)).toThrow(/JSONPath "\$\[".* at 2:2/);
});

const utilities: readonly (readonly [call: string, output: string])[] = [
  ["escapeJavaScript($input.path('$.s'))", "it\\'s"],
  ['escapeJavaScript(\'say "hi"/\\\')', 'say \\"hi\\"\\/\\\\'],
  ["escapeJavaScript('é€')", '\\u00E9\\u20AC'],
  ['escapeJavaScript("a\nb")', 'a\\nb'],
  ["escapeJavaScript('')", '{}'],
  ["escapeJavaScript($input.path('$.n'))", 'null'],
  ["escapeJavaScript($input.json('$.m'))", '{\\"b\\":2,\\"1\\":1.0}'],
  ['parseJson(\'{"x":[1,2]}\').x[1]', '2'],
  ["urlEncode('a b&c=é~*')", 'a+b%26c%3D%C3%A9%7E*'],
  ["urlDecode('a+b%26c%3D%C3%A9')", 'a b&c=é'],
  ["base64Encode('hé')", 'aMOp'],
  ["base64Decode('aMOp')", 'hé'],
  ['nothing()', ''],
];

for (const [call, output] of utilities) {
  test(`$util.${call} renders ${output}`, () => {
    expect(render(`$util.${call}`, body)).toBe(output);
  });
}

test("the guide's advice for single quotes gives JSON", () => {
  const template = '"$util.escapeJavaScript($input.path(\'$.s\')).replaceAll("\\\\\'","\'")"';
  expect(render(template, body)).toBe('"it\'s"');
});

test('$util refuses what cannot be parsed or decoded', () => {
  expect(() => render("$util.parseJson('{')", body)).toThrow('not JSON at 1:1');
  expect(() => render("$util.urlDecode('%zz')", body)).toThrow('two hexadecimal digits');
});

test('$context has the members of the event and nothing for those it lacks', () => {
  const template =
    '$context.connectionId $context.identity.sourceIp $context.connectedAt [$context.authorizer.principalId] [$context.identity.user]';
  expect(render(template, body)).toBe('cid= 10.0.0.1 1785000000000 [] []');
});

test('$context shows the authorizer and whatever else the event has', () => {
  const more = {
    ...context,
    authorizer: { principalId: 'me', n: 5 },
    error: { messageString: '"x"' },
  };
  const template =
    '$context.authorizer.principalId $context.authorizer.n $context.error.messageString';
  expect(render(template, body, { context: more })).toBe('me 5 "x"');
});

test('$context alone prints as a Java map in the recorded order', () => {
  expect(render('$context', body)).toBe(
    '{routeKey=send, disconnectStatusCode=null, messageId=mid=, eventType=MESSAGE, ' +
      'extendedRequestId=rid=, requestTime=25/Sep/2026:00:02:11 +0000, messageDirection=IN, ' +
      'disconnectReason=null, stage=prod, connectedAt=1785000000000, ' +
      'requestTimeEpoch=1785000001000, identity={cognitoIdentityPoolId=null, ' +
      'cognitoIdentityId=null, principalOrgId=null, cognitoAuthenticationType=null, userArn=null, ' +
      'userAgent=curl/8, accountId=null, caller=null, sourceIp=10.0.0.1, accessKey=null, ' +
      'cognitoAuthenticationProvider=null, user=null}, requestId=rid=, ' +
      'domainName=abc.example.com, connectionId=cid=, apiId=abc}',
  );
});

test('stage variables are read by name in each of the three spellings', () => {
  const template =
    "$stageVariables.table $stageVariables['table'] ${stageVariables['with-hyphen']} [$stageVariables.none]";
  expect(render(template, body)).toBe('rooms rooms x []');
});

test('a response template looks at the payload it is given', () => {
  const scope: EventScope = {
    context,
    connection: context,
    stageVariables: {},
    body: new MessageBody(Buffer.from('{}')),
  };
  const template = compileTemplate("$input.json('$.result')");
  expect(template.render(templateVariables(scope, '{"result":[1.50]}'))).toBe('[1.5]');
});

test('a loop ends after a thousand rounds', () => {
  expect(render('#set($n = 0)#foreach($i in [1..5000])#set($n = $i)#end$n', body)).toBe('1000');
});

test('a typical template makes JSON of a message', () => {
  const template = `#set($root = $input.path('$'))
{
  "TableName": "$stageVariables.table",
  "Item": {
    "id": {"S": "$context.connectionId"},
#foreach($entry in $root.tags.entrySet())
    "$entry.key": {"S": "$util.escapeJavaScript($entry.value)"}#if($foreach.hasNext),#end

#end
  }
}`;
  const rendered = render(template, '{"tags":{"b":"x","1":"\\"y\\""}}');
  expect(JSON.parse(rendered)).toEqual({
    TableName: 'rooms',
    Item: { id: { S: 'cid=' }, b: { S: 'x' }, 1: { S: '"y"' } },
  });
});
