import { createHash } from 'node:crypto';
import { isObject } from '../../resources/read-fields.ts';
import type { Dictionary } from '../../resources/record.ts';
import { type Expansion, given, type SamResource } from './sam-resource.ts';
import type { Make } from './websocket-api.ts';

/** `Domain` of a WebSocket API: a domain name, and a mapping for every base path. */
export function expandDomain(
  { logicalId, properties, fail }: SamResource,
  stageId: string,
  tags: Dictionary<unknown>,
  make: Make,
): Expansion {
  const { Domain } = properties;
  if (!isObject(Domain)) return { resources: {}, referable: {} };
  const path = ['Properties', 'Domain'];
  const { DomainName, CertificateArn, EndpointConfiguration = 'REGIONAL', SecurityPolicy } = Domain;
  if (DomainName === undefined) throw fail(path, 'DomainName is missing');
  if (EndpointConfiguration !== 'REGIONAL') {
    throw fail([...path, 'EndpointConfiguration'], 'must be REGIONAL');
  }
  for (const name of ['MutualTlsAuthentication', 'OwnershipVerificationCertificateArn']) {
    if (Domain[name] === undefined) continue;
    throw fail([...path, name], 'is not supported for WebSocket APIs');
  }
  const domainId = `ApiGatewayDomainNameV2${digestOf(DomainName)}`;
  const mapping = (key: string | undefined) =>
    make('ApiMapping', {
      ApiId: { Ref: logicalId },
      DomainName: { Ref: domainId },
      Stage: { Ref: stageId },
      ...(key !== undefined && { ApiMappingKey: key }),
    });
  const configuration = { CertificateArn, EndpointType: EndpointConfiguration, SecurityPolicy };
  const paths = basePaths(Domain.BasePath, (message) => fail([...path, 'BasePath'], message));
  const resources = {
    [domainId]: make('DomainName', {
      DomainName,
      DomainNameConfigurations: [given(configuration)],
      Tags: tags,
    }),
    ...(paths.length === 0 && { [`${logicalId}ApiMapping`]: mapping(undefined) }),
    ...Object.fromEntries(
      paths.map((key) => [
        `${logicalId}${key.replace(/[-_/]+/g, '')}ApiMapping`,
        mapping(key.replace(/^\/+|\/+$/g, '')),
      ]),
    ),
  };
  return { resources, referable: { DomainName: domainId } };
}

function basePaths(written: unknown, fail: (message: string) => Error): string[] {
  const paths = written === undefined ? [] : Array.isArray(written) ? written : [written];
  for (const path of paths) {
    if (typeof path === 'string' && /^[0-9a-zA-Z/_-]*$/.test(path)) continue;
    throw fail('must be letters, digits, - and _');
  }
  return paths as string[];
}

/** SAM's own way of telling domains apart: a digest of the name as JSON. */
function digestOf(domainName: unknown): string {
  const text = typeof domainName === 'string' ? domainName : JSON.stringify(domainName);
  return createHash('sha1').update(text).digest('hex').slice(0, 10);
}
