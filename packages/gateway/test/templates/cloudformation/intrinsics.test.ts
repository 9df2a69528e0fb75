import { describe, expect, test } from 'vitest';
import { settle } from '../../../src/templates/cloudformation/deferred.ts';
import { loadTemplate } from '../../../src/templates/cloudformation/load-template.ts';
import { Places } from '../../../src/templates/source/places.ts';
import { readTree } from '../../../src/templates/source/read-tree.ts';

const HEAD = `
Parameters:
  Name: { Type: String, Default: chat }
  Size: { Type: Number, Default: 7 }
  Hosts: { Type: CommaDelimitedList, Default: "a, b,c" }
  Ports: { Type: List<Number>, Default: "1,2" }
Mappings:
  Sizes:
    us-east-1: { small: 1, list: [x, y] }
    eu-west-1: { small: 2 }
Conditions:
  Yes: !Equals [!Ref Name, chat]
  No: !Not [!Condition Yes]
  Both: !And [!Condition Yes, !Condition No]
  Either: !Or [{ Condition: Yes }, !Condition No]
Resources:
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties: { Name: x, ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action }
  Handler: { Type: AWS::Lambda::Function, Properties: { FunctionName: my-handler } }
  Plain: { Type: AWS::Lambda::Function }
  Live: { Type: AWS::Lambda::Alias, Properties: { FunctionName: !Ref Handler, Name: live } }
  Three: { Type: AWS::Lambda::Version, Properties: { FunctionName: !GetAtt Handler.Arn } }
  Table: { Type: AWS::DynamoDB::Table, Properties: { TableName: !Sub "\${Name}-table" } }
  Role: { Type: AWS::IAM::Role }
  Queue: { Type: AWS::SQS::Queue }
  Topic: { Type: AWS::SNS::Topic }
  Machine: { Type: AWS::StepFunctions::StateMachine }
  Bucket: { Type: AWS::S3::Bucket }
  Log: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: /chat/access } }
  Odd: { Type: Custom::Odd }
Outputs:
  Out:
    Value: `;

const environment = { stackName: 'stack', region: 'us-east-1', account: '123456789012' };

/** The value of an expression, once the API of the template has the id `api123`. */
function evaluate(expression: string, parameters: Record<string, string> = {}): unknown {
  const places = new Places();
  const text = `${HEAD}${expression}\n`;
  const document = readTree(text, { file: 't.yaml', places, hasShortTags: true });
  const template = { document: document as Record<string, unknown>, places, folder: '/' };
  const exports = { 'shared-id': 'abc' };
  const { outputs } = loadTemplate(template, { environment, parameters, exports });
  return settle(outputs[0]?.value, ({ attribute }) => (attribute ? `the ${attribute}` : 'api123'));
}

const FIRST_LINE = HEAD.split('\n').length;

const cases: Record<string, readonly [string, unknown][]> = {
  Ref: [
    ['!Ref Name', 'chat'],
    ['{ Ref: Size }', '7'],
    ['!Ref Hosts', ['a', 'b', 'c']],
    ['!Ref Ports', ['1', '2']],
    ['!Ref Api', 'api123'],
    ['!Ref Handler', 'my-handler'],
    ['!Ref Plain', 'stack-Plain'],
    ['!Ref Table', 'chat-table'],
    ['!Ref Role', 'stack-Role'],
    ['!Ref Log', '/chat/access'],
    ['!Ref Topic', 'arn:aws:sns:us-east-1:123456789012:stack-Topic'],
    ['!Ref Queue', 'https://sqs.us-east-1.amazonaws.com/123456789012/stack-Queue'],
    ['!Ref Machine', 'arn:aws:states:us-east-1:123456789012:stateMachine:stack-Machine'],
    ['!Ref Live', 'arn:aws:lambda:us-east-1:123456789012:function:my-handler:live'],
    ['!Ref Three', 'arn:aws:lambda:us-east-1:123456789012:function:my-handler:1'],
    ['!Ref AWS::Region', 'us-east-1'],
    ['!Ref AWS::AccountId', '123456789012'],
    ['!Ref AWS::Partition', 'aws'],
    ['!Ref AWS::URLSuffix', 'amazonaws.com'],
    ['!Ref AWS::StackName', 'stack'],
    ['!Ref AWS::StackId', 'arn:aws:cloudformation:us-east-1:123456789012:stack/stack/postern'],
    ['!Ref AWS::NotificationARNs', []],
    ['{ a: !Ref AWS::NoValue, b: [1, !Ref AWS::NoValue, 2] }', { b: [1, 2] }],
  ],
  'Fn::GetAtt': [
    ['!GetAtt Api.ApiEndpoint', 'the ApiEndpoint'],
    ['{ "Fn::GetAtt": [Api, ApiId] }', 'the ApiId'],
    ['!GetAtt [Handler, Arn]', 'arn:aws:lambda:us-east-1:123456789012:function:my-handler'],
    ['!GetAtt Table.Arn', 'arn:aws:dynamodb:us-east-1:123456789012:table/chat-table'],
    ['!GetAtt Role.Arn', 'arn:aws:iam::123456789012:role/stack-Role'],
    ['!GetAtt Queue.QueueName', 'stack-Queue'],
    ['!GetAtt Queue.QueueUrl', 'https://sqs.us-east-1.amazonaws.com/123456789012/stack-Queue'],
    ['!GetAtt Queue.Arn', 'arn:aws:sqs:us-east-1:123456789012:stack-Queue'],
    ['!GetAtt Log.Arn', 'arn:aws:logs:us-east-1:123456789012:log-group:/chat/access:*'],
    ['!GetAtt Topic.TopicArn', 'arn:aws:sns:us-east-1:123456789012:stack-Topic'],
    ['!GetAtt Topic.TopicName', 'stack-Topic'],
    ['!GetAtt Machine.Name', 'stack-Machine'],
    ['!GetAtt Bucket.Arn', 'arn:aws:s3:::stack-Bucket'],
    ['!GetAtt Bucket.DomainName', 'stack-Bucket.DomainName'],
    [
      '!GetAtt Table.StreamArn',
      'arn:aws:dynamodb:us-east-1:123456789012:table/chat-table/StreamArn',
    ],
    ['!GetAtt Odd.Arn', 'arn:aws:odd:us-east-1:123456789012:stack-Odd'],
    ['!GetAtt Three.Version', '1'],
  ],
  'Fn::Sub': [
    ['!Sub "plain"', 'plain'],
    ['!Sub "${Name}-${AWS::Region}"', 'chat-us-east-1'],
    ['!Sub "${ Name }"', 'chat'],
    ['!Sub "integrations/${Api}"', 'integrations/api123'],
    ['!Sub "${Api.ApiEndpoint}/x"', 'the ApiEndpoint/x'],
    ['!Sub "${!Name} $Name ${Size}"', '${Name} $Name 7'],
    ['!Sub ["${One} ${Name}", { One: !Join ["-", [a, !Ref Api]] }]', 'a-api123 chat'],
    ['!Sub ["${Name}", { Name: other }]', 'other'],
    ['!Sub "${Handler.Arn}"', 'arn:aws:lambda:us-east-1:123456789012:function:my-handler'],
  ],
  'Fn::Join': [
    ['!Join ["", [a, b, 1, true]]', 'ab1true'],
    ['!Join [",", !Ref Hosts]', 'a,b,c'],
    ['!Join ["/", [integrations, !Ref Api]]', 'integrations/api123'],
    ['!Join [".", !Split ["-", !Sub "${Api}-x"]]', 'api123.x'],
    ['!Join ["-", [a, !Ref AWS::NoValue, b]]', 'a-b'],
  ],
  'Fn::Split': [
    ['!Split ["/", "a/b//c"]', ['a', 'b', '', 'c']],
    ['!Split ["i", !Ref Api]', ['ap', '123']],
  ],
  'Fn::Select': [
    ['!Select [1, [a, b]]', 'b'],
    ['!Select ["2", !Ref Hosts]', 'c'],
    ['!Select [0, !Split ["i", !Ref Api]]', 'ap'],
    [
      '!Select [!Ref Index, [a, b]]'.replace('!Ref Index', '!FindInMap [Sizes, us-east-1, small]'),
      'b',
    ],
  ],
  'Fn::If': [
    ['!If [Yes, a, b]', 'a'],
    ['!If [No, a, b]', 'b'],
    ['!If [Both, a, b]', 'b'],
    ['!If [Either, a, b]', 'a'],
    ['!If [Yes, a, !Ref Nowhere]', 'a'],
    ['{ x: !If [No, 1, !Ref AWS::NoValue] }', {}],
  ],
  'Fn::FindInMap': [
    ['!FindInMap [Sizes, !Ref AWS::Region, small]', 1],
    ['!FindInMap [Sizes, us-east-1, list]', ['x', 'y']],
    ['!FindInMap [Sizes, us-west-1, small, { DefaultValue: !Ref Name }]', 'chat'],
  ],
  'Fn::Base64': [
    ['!Base64 chat', 'Y2hhdA=='],
    ['{ "Fn::Base64": !Sub "${Api}" }', 'YXBpMTIz'],
  ],
  'Fn::Length': [
    ['!Length [1, 2, 3]', 3],
    ['!Length !Ref Hosts'.replace('!Length !Ref Hosts', '{ "Fn::Length": !Ref Hosts }'), 3],
  ],
  'Fn::ToJsonString': [
    ['!ToJsonString { a: [1, !Ref Name], b: !Ref Api }', '{"a":[1,"chat"],"b":"api123"}'],
  ],
  'Fn::GetAZs': [
    ['!GetAZs ""', ['us-east-1a', 'us-east-1b', 'us-east-1c']],
    ['!GetAZs eu-west-1', ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']],
  ],
  'Fn::Cidr': [
    ['!Cidr ["10.0.0.0/16", 2, 8]', ['10.0.0.0/24', '10.0.1.0/24']],
    [
      '!Cidr ["192.168.0.0/24", "3", "5"]',
      ['192.168.0.0/27', '192.168.0.32/27', '192.168.0.64/27'],
    ],
    ['!Cidr ["2001:db8::/56", 2, 64]', ['2001:db8::/64', '2001:db8:0:1::/64']],
    ['!Select [1, !Cidr ["10.0.0.0/23", 2]]', '10.0.1.0/24'],
  ],
  'Fn::ImportValue': [['!ImportValue shared-id', 'abc']],
};

describe.each(Object.entries(cases))('%s', (_, rows) => {
  test.each(rows)('%s', (expression, expected) => {
    expect(evaluate(expression)).toEqual(expected);
  });
});

test('a number keeps the digits it was written with', () => {
  expect(evaluate('{ a: 1.0, b: 012345678901, c: 12, d: 1.5, e: true }')).toEqual({
    a: '1.0',
    b: '012345678901',
    c: 12,
    d: 1.5,
    e: true,
  });
});

const OUT = 'Outputs.Out.Value';

test.each([
  ['!Ref ^Nmae', `${OUT}.Ref: Nmae is neither a parameter nor a resource (did you mean "Name"?)`],
  ['!GetAtt ^Nowhere.Arn', `${OUT}["Fn::GetAtt"]: there is no resource Nowhere`],
  [
    '!GetAtt ^Api',
    `${OUT}["Fn::GetAtt"]: takes a resource and one of its attributes, such as Function.Arn`,
  ],
  [
    '!Sub ^"${Nothing}"',
    `${OUT}["Fn::Sub"]: \${Nothing} is neither a parameter, nor a resource, nor a variable`,
  ],
  ['!Sub [^"${A}", { A: [1] }]', `${OUT}["Fn::Sub"][0]: must be text`],
  ['!Sub [!Ref ^Name]', `${OUT}["Fn::Sub"][0]: the text must be written out`],
  ['!Join ^[a]', `${OUT}["Fn::Join"]: takes a list of two: a delimiter and a list`],
  ['!Join [",", [a, ^[b]]]', `${OUT}["Fn::Join"][1][1]: must be text`],
  ['!Join [",", ^text]', `${OUT}["Fn::Join"][1]: must be a list`],
  ['!Split [^"", a]', `${OUT}["Fn::Split"][0]: the delimiter must be text, and not empty`],
  ['!Select [^5, [a, b]]', `${OUT}["Fn::Select"][0]: there is no item 5: the list has 2`],
  ['!Select [^x, [a]]', `${OUT}["Fn::Select"][0]: the index must be a whole number`],
  ['!If [^Maybe, a, b]', `${OUT}["Fn::If"][0]: there is no condition Maybe`],
  [
    '!If ^[Yes, a]',
    `${OUT}["Fn::If"]: takes a list of three: a condition, a value if it is true, a value if not`,
  ],
  [
    '!FindInMap ^[Sizes, eu-west-1, large]',
    `${OUT}["Fn::FindInMap"]: Sizes.eu-west-1 has no key large`,
  ],
  [
    '!FindInMap ^[Size, a, b]',
    `${OUT}["Fn::FindInMap"]: there is no mapping Size (did you mean "Sizes"?)`,
  ],
  [
    '!FindInMap [Sizes, !Ref ^Api, small]',
    `${OUT}["Fn::FindInMap"][1]: cannot depend on a resource`,
  ],
  ['!ImportValue ^other', `${OUT}["Fn::ImportValue"]: no stack of this gateway exports other`],
  [
    '!Cidr ^["10.0.0.0/30", 9, 2]',
    `${OUT}["Fn::Cidr"]: 10.0.0.0/30 has no room for 9 blocks of 2 bits`,
  ],
  [
    '{ ^"Fn::Jion": [a, []] }',
    `${OUT}["Fn::Jion"]: unknown intrinsic function Fn::Jion (did you mean "Fn::Join"?)`,
  ],
  [
    '{ ^"Fn::Join": [a, []], b: 1 }',
    `${OUT}["Fn::Join"]: Fn::Join cannot have neighbours: Fn::Join, b`,
  ],
  ['{ ^a: }', `${OUT}.a: nothing is written here: CloudFormation has no null`],
])('%s is refused at the mark', (marked, message) => {
  const expression = marked.replace('^', '');
  const column = '    Value: '.length + marked.indexOf('^') + 1;
  const place = `t.yaml:${FIRST_LINE}:${column}: `;
  expect(() => evaluate(expression)).toThrow(place + message);
});

test('an attribute that its resource has not is refused', () => {
  expect(() => evaluate('!GetAtt Api.Nothing')).toThrow(
    'Resources.Api: AWS::ApiGatewayV2::Api has no attribute Nothing (it has ApiId, ApiEndpoint)',
  );
});

describe('parameters', () => {
  const load = (declaration: string, parameters: Record<string, string>) => {
    const places = new Places();
    const text = `Parameters:\n  P: ${declaration}\nResources:\n  R: { Type: AWS::S3::Bucket }\nOutputs:\n  O: { Value: !Ref P }\n`;
    const document = readTree(text, { file: 't.yaml', places, hasShortTags: true });
    const template = { document: document as Record<string, unknown>, places, folder: '/' };
    return loadTemplate(template, { environment, parameters, exports: {} }).outputs[0]?.value;
  };

  test('what is given counts more than a default', () => {
    expect(load('{ Type: String, Default: a }', { P: 'b' })).toBe('b');
    expect(load('{ Type: "AWS::SSM::Parameter::Value<String>", Default: /a/b }', {})).toBe('/a/b');
  });

  test.each([
    ['{ Type: String }', {}, 't.yaml:2:3: Parameters.P: needs a value: --parameter P=…'],
    [
      '{ Type: String, Default: a }',
      { Q: '1' },
      't.yaml:1:1: Parameters: there is no parameter Q (did you mean "P"?)',
    ],
    ['{ Type: Number, Default: a }', {}, 't.yaml:2:3: Parameters.P: "a" is not a number'],
    ['{ Type: Number, MaxValue: 3 }', { P: '4' }, 't.yaml:2:3: Parameters.P: "4" is above 3'],
    ['{ Type: Number, MinValue: 3 }', { P: '2' }, 't.yaml:2:3: Parameters.P: "2" is below 3'],
    [
      '{ Type: String, MinLength: 3 }',
      { P: 'ab' },
      't.yaml:2:3: Parameters.P: "ab" is shorter than 3',
    ],
    [
      '{ Type: String, MaxLength: 1, NoEcho: true }',
      { P: 'ab' },
      't.yaml:2:3: Parameters.P: the value is longer than 1',
    ],
    [
      '{ Type: String, AllowedValues: [a, 1] }',
      { P: 'b' },
      't.yaml:2:3: Parameters.P: "b" is none of a, 1',
    ],
    [
      '{ Type: String, AllowedPattern: "[a-c]+" }',
      { P: 'abd' },
      't.yaml:2:3: Parameters.P: "abd" does not match [a-c]+',
    ],
    ['{ Type: List<Number> }', { P: '1,x' }, 't.yaml:2:3: Parameters.P: "x" is not a number'],
  ])('%s with %j is refused', (declaration, parameters, message) => {
    expect(() => load(declaration, parameters as Record<string, string>)).toThrow(message);
  });
});
