import type { ApiMapping } from './api-mapping.ts';
import type { Field, FieldTable } from './field.ts';
import { badRequest } from './problems.ts';
import type { RoutingRule } from './routing-rule.ts';
import { tagsRule } from './tags.ts';

/** A host name under which APIs are reached, as stored and shown. */
export interface DomainName {
  readonly domainName: string;
  /** Exactly one. */
  readonly domainNameConfigurations: readonly DomainNameConfiguration[];
  /** Shown as AWS shows it: which part of an address is looked up among the mappings. */
  readonly apiMappingSelectionExpression: string;
  readonly routingMode: 'API_MAPPING_ONLY' | 'ROUTING_RULE_ONLY' | 'ROUTING_RULE_THEN_API_MAPPING';
  readonly mutualTlsAuthentication?: unknown;
  readonly tags: Readonly<Record<string, string>>;
}

export interface DomainNameConfiguration {
  /** The name to point DNS at. On AWS; here the domain resolves to wherever the gateway listens. */
  readonly apiGatewayDomainName: string;
  readonly certificateArn?: string;
  readonly certificateName?: string;
  readonly domainNameStatus: 'AVAILABLE';
  readonly endpointType: 'REGIONAL' | 'EDGE';
  readonly hostedZoneId: string;
  readonly ipAddressType: 'ipv4' | 'dualstack';
  readonly ownershipVerificationCertificateArn?: string;
  readonly securityPolicy: 'TLS_1_0' | 'TLS_1_2';
}

/** A domain with what is mapped to it, stored as one document under `domain/{domainName}`. */
export interface DomainDocument {
  readonly domain: DomainName;
  /** By id. */
  readonly apiMappings: Readonly<Record<string, ApiMapping>>;
  /** Kept and shown; addresses are resolved by mappings alone. */
  readonly routingRules: Readonly<Record<string, RoutingRule>>;
}

export const DOMAIN_PREFIX = 'domain/';

const noConfiguration = 'Invalid input. Expected one domain name configuration';
const noEdge = 'EDGE endpoint type is not supported for APIGatewayV2 domainName';

const configurationFields: readonly Field[] = [
  { name: 'certificateArn', kind: 'text' },
  { name: 'certificateName', kind: 'text' },
  {
    name: 'endpointType',
    kind: 'text',
    oneOf: ['REGIONAL', 'EDGE'],
    matches: /^REGIONAL$/,
    otherwise: (type) =>
      type === 'EDGE' ? noEdge : 'Invalid endpointType specified. Must be one of [REGIONAL]',
  },
  { name: 'ipAddressType', kind: 'text', oneOf: ['ipv4', 'dualstack'] },
  { name: 'ownershipVerificationCertificateArn', kind: 'text' },
  { name: 'securityPolicy', kind: 'text', oneOf: ['TLS_1_0', 'TLS_1_2'] },
];

export const domainNameFields: FieldTable<DomainName> = {
  noun: 'DomainName',
  fields: [
    {
      name: 'domainName',
      kind: 'text',
      lengthMin: 1,
      lengthMax: 512,
      only: 'create',
      matches: /^[^_]*$/,
      required: 'Invalid domain name specified',
      otherwise: (name) =>
        name.includes('_')
          ? 'Domain names cannot contain an underscore character'
          : 'Invalid domain name specified',
    },
    {
      name: 'domainNameConfigurations',
      kind: 'list',
      of: { kind: 'object', members: configurationFields, patch: 'replace' },
    },
    { name: 'mutualTlsAuthentication', kind: 'json', httpOnly: 'MutualTlsAuthentication' },
    {
      name: 'routingMode',
      kind: 'text',
      oneOf: ['API_MAPPING_ONLY', 'ROUTING_RULE_ONLY', 'ROUTING_RULE_THEN_API_MAPPING'],
      initial: 'API_MAPPING_ONLY',
    },
    { name: 'tags', ...tagsRule, only: 'create', initial: {} },
  ],
  given: ['apiMappingSelectionExpression'],
};

/**
 * Whether a text can be the name of a domain: lower-case labels, the first of which may be `*`. It is
 * compared with `Host` headers, so this is checked in lenient mode too.
 */
export function isDomainName(text: string): boolean {
  return text.length <= 512 && /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(text);
}

/** What the gateway gives a domain. */
export type GivenConfiguration = Pick<
  DomainNameConfiguration,
  'apiGatewayDomainName' | 'hostedZoneId'
>;

/** The rules over a whole domain; its one configuration completed by defaults and what is given. */
export function settleDomainName(
  draft: DomainName,
  given: GivenConfiguration,
  lenient: boolean,
): DomainName {
  if (!isDomainName(draft.domainName)) throw badRequest('Invalid domain name specified');
  // As read from the request: what is missing follows here.
  const asked: readonly Partial<DomainNameConfiguration>[] = draft.domainNameConfigurations ?? [];
  if (asked.length !== 1 && !lenient) throw badRequest(noConfiguration);
  const configuration: DomainNameConfiguration = {
    domainNameStatus: 'AVAILABLE',
    endpointType: 'REGIONAL',
    ipAddressType: 'ipv4',
    securityPolicy: 'TLS_1_2',
    ...asked[0],
    ...given,
  };
  return { ...draft, domainNameConfigurations: [configuration] };
}
