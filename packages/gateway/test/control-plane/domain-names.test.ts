import { describe, expect, test } from 'vitest';
import { makeApi } from './support/make.ts';
import { badRequest, notFound, refusal } from './support/refusal.ts';
import { startControlPlane, useControlPlane } from './support/start-control-plane.ts';

const plane = useControlPlane();
const create = (DomainName: string, change: object = {}) =>
  plane.aws.createDomainName({ DomainName, DomainNameConfigurations: [{}], ...change });
const unknown = notFound('DomainName', 'Invalid domain name identifier specified');
const noConfiguration = 'Invalid input. Expected one domain name configuration';

describe('Domain names', () => {
  test('are created with the fields AWS answers', async () => {
    const { $metadata, ...created } = await create('ws.example.com', {
      DomainNameConfigurations: [{ CertificateArn: 'arn:aws:acm:us-east-1:1:certificate/a' }],
      Tags: { team: 'realtime' },
    });
    expect($metadata.httpStatusCode).toBe(201);
    expect(created).toEqual({
      ApiMappingSelectionExpression: '$request.basepath',
      DomainName: 'ws.example.com',
      DomainNameArn: 'arn:aws:apigateway:us-east-1::/domainnames/ws.example.com',
      DomainNameConfigurations: [
        {
          ApiGatewayDomainName: expect.stringMatching(
            /^d-[a-z0-9]{10}\.execute-api\.us-east-1\.amazonaws\.com$/,
          ),
          CertificateArn: 'arn:aws:acm:us-east-1:1:certificate/a',
          DomainNameStatus: 'AVAILABLE',
          EndpointType: 'REGIONAL',
          HostedZoneId: expect.stringMatching(/^Z/),
          IpAddressType: 'ipv4',
          SecurityPolicy: 'TLS_1_2',
        },
      ],
      RoutingMode: 'API_MAPPING_ONLY',
      Tags: { team: 'realtime' },
    });
    expect(await plane.aws.getDomainName({ DomainName: 'ws.example.com' })).toMatchObject(created);
  });

  test('are changed, keeping the name that DNS points to', async () => {
    const DomainName = 'change.example.com';
    const { DomainNameConfigurations: before } = await create(DomainName);
    const changed = await plane.aws.updateDomainName({
      DomainName,
      DomainNameConfigurations: [
        {
          CertificateArn: 'certificate',
          CertificateName: 'name',
          OwnershipVerificationCertificateArn: 'ownership',
          EndpointType: 'REGIONAL',
          IpAddressType: 'dualstack',
          SecurityPolicy: 'TLS_1_0',
          ApiGatewayDomainName: 'elsewhere.example.com',
          HostedZoneId: 'Z',
        },
      ],
      RoutingMode: 'ROUTING_RULE_THEN_API_MAPPING',
    });
    expect(changed.RoutingMode).toBe('ROUTING_RULE_THEN_API_MAPPING');
    expect(changed.DomainNameConfigurations).toEqual([
      {
        ...before![0],
        CertificateArn: 'certificate',
        CertificateName: 'name',
        OwnershipVerificationCertificateArn: 'ownership',
        IpAddressType: 'dualstack',
        SecurityPolicy: 'TLS_1_0',
      },
    ]);
    const { $metadata, ...again } = await plane.aws.updateDomainName({ DomainName });
    expect(again).toEqual({ ...changed, $metadata: undefined });
  });

  test('are listed by name, page after page', async () => {
    const other = await startControlPlane();
    const names = ['*.example.org', 'a.example.org', `${'l'.repeat(60)}.example.org`];
    for (const DomainName of names) {
      await other.aws.createDomainName({ DomainName, DomainNameConfigurations: [{}] });
    }
    const seen: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await other.aws.getDomainNames({ MaxResults: '1', NextToken });
      seen.push(...page.Items!.map((item) => item.DomainName));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    expect(seen).toEqual(names);
    await other.close();
  });

  test('are deleted with their mappings', async () => {
    const DomainName = 'gone.example.com';
    await create(DomainName);
    const ApiId = await makeApi(plane);
    await plane.aws.createStage({ ApiId, StageName: 'prod' });
    const mapping = { DomainName, ApiId, Stage: 'prod' };
    await plane.aws.createApiMapping(mapping);
    const removed = await plane.aws.deleteDomainName({ DomainName });
    expect(removed.$metadata.httpStatusCode).toBe(204);
    expect(await refusal(plane.aws.getApiMappings({ DomainName }))).toEqual(unknown);
    expect(await refusal(plane.aws.createApiMapping(mapping))).toEqual(unknown);
    expect(await refusal(plane.aws.deleteDomainName({ DomainName }))).toEqual(unknown);
    await plane.aws.deleteApi({ ApiId });
  });

  test('that exist are refused, with 400', async () => {
    await create('twice.example.com');
    expect(await refusal(create('twice.example.com'))).toEqual(
      badRequest('The domain name you provided already exists.'),
    );
  });

  test.each([
    ['no name', { DomainName: undefined }, 'Invalid domain name specified'],
    ['an empty name', { DomainName: '' }, 'Invalid domain name specified'],
    ['a name of 513 characters', { DomainName: 'n'.repeat(513) }, 'Invalid domain name specified'],
    ['upper-case letters', { DomainName: 'WS.example.com' }, 'Invalid domain name specified'],
    ['an empty label', { DomainName: 'ws..example.com' }, 'Invalid domain name specified'],
    ['a star that is not the first', { DomainName: 'ws.*.com' }, 'Invalid domain name specified'],
    ['a port', { DomainName: 'ws.example.com:4080' }, 'Invalid domain name specified'],
    [
      'an underscore',
      { DomainName: 'ws_1.example.com' },
      'Domain names cannot contain an underscore character',
    ],
    ['no configuration', { DomainNameConfigurations: undefined }, noConfiguration],
    ['an empty list', { DomainNameConfigurations: [] }, noConfiguration],
    ['two configurations', { DomainNameConfigurations: [{}, {}] }, noConfiguration],
    [
      'an edge endpoint',
      { DomainNameConfigurations: [{ EndpointType: 'EDGE' }] },
      'EDGE endpoint type is not supported for APIGatewayV2 domainName',
    ],
    [
      'a private endpoint',
      { DomainNameConfigurations: [{ EndpointType: 'PRIVATE' }] },
      'Invalid endpointType specified. Must be one of [REGIONAL]',
    ],
    [
      'an unknown security policy',
      { DomainNameConfigurations: [{ SecurityPolicy: 'SSL_3_0' }] },
      'Invalid domainNameConfigurations[0].securityPolicy specified. ' +
        'Must be one of [TLS_1_0, TLS_1_2]',
    ],
    [
      'an unknown routing mode',
      { RoutingMode: 'RANDOM' },
      'Invalid routingMode specified. Must be one of ' +
        '[API_MAPPING_ONLY, ROUTING_RULE_ONLY, ROUTING_RULE_THEN_API_MAPPING]',
    ],
    [
      'mutual TLS',
      { MutualTlsAuthentication: { TruststoreUri: 's3://bucket/key' } },
      'MutualTlsAuthentication is not supported for WEBSOCKET protocolType',
    ],
  ])('with %s answer 400', async (_, change, message) => {
    expect(await refusal(create('refused.example.com', change))).toEqual(badRequest(message));
  });

  test.each(['localhost', '*.example.com', `${'n'.repeat(500)}.example.com`])(
    'may be %s',
    async (name) => {
      expect(await create(name)).toMatchObject({ DomainName: name });
    },
  );

  test('that are unknown answer 404', async () => {
    for (const DomainName of ['nosuch.example.com', 'NO/SUCH', '_']) {
      expect(await refusal(plane.aws.getDomainName({ DomainName }))).toEqual(unknown);
    }
  });

  test('have tags', async () => {
    const DomainName = 'tags.example.com';
    const { DomainNameArn: ResourceArn } = await create(DomainName);
    await plane.aws.tagResource({ ResourceArn, Tags: { a: '1', b: '2' } });
    await plane.aws.untagResource({ ResourceArn, TagKeys: ['a'] });
    expect((await plane.aws.getTags({ ResourceArn })).Tags).toEqual({ b: '2' });
    expect((await plane.aws.getDomainName({ DomainName })).Tags).toEqual({ b: '2' });
  });

  test('need no configuration in lenient mode, and keep mutual TLS', async () => {
    const lenient = await startControlPlane({ lenient: true });
    const given = {
      DomainName: 'ws_1.example.com',
      MutualTlsAuthentication: { TruststoreUri: 's3://bucket/key' },
    };
    expect(await lenient.aws.createDomainName(given)).toMatchObject({
      ...given,
      DomainNameConfigurations: [{ EndpointType: 'REGIONAL' }],
    });
    const slash = lenient.aws.createDomainName({ DomainName: 'a/b' });
    expect(await refusal(slash)).toEqual(badRequest('Invalid domain name specified'));
    await lenient.close();
  });
});
