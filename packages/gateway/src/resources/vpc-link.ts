import type { FieldTable } from './field.ts';
import { badRequest } from './problems.ts';
import { tagsRule } from './tags.ts';

/**
 * A way into a private network. Kept and shown, for the tools that manage them: this gateway reaches
 * backends through the network it runs in.
 */
export interface VpcLink {
  readonly vpcLinkId: string;
  readonly name: string;
  readonly createdDate: string;
  readonly securityGroupIds: readonly string[];
  readonly subnetIds: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly vpcLinkStatus: 'AVAILABLE';
  readonly vpcLinkStatusMessage: string;
  readonly vpcLinkVersion: 'V2';
}

export const VPC_LINK_PREFIX = 'vpclink/';

const noSubnets = 'SubnetIds for a vpc link cannot be empty';
const invalidName = 'Invalid VPC link name specified. Must be 1 to 128 characters long';

export const vpcLinkFields: FieldTable<VpcLink> = {
  noun: 'VpcLink',
  fields: [
    {
      name: 'name',
      kind: 'text',
      lengthMin: 1,
      lengthMax: 128,
      required: invalidName,
      otherwise: () => invalidName,
    },
    {
      name: 'securityGroupIds',
      kind: 'list',
      of: { kind: 'text', lengthMax: 128 },
      only: 'create',
      initial: [],
    },
    {
      name: 'subnetIds',
      kind: 'list',
      of: { kind: 'text', lengthMax: 128 },
      only: 'create',
      required: noSubnets,
    },
    { name: 'tags', ...tagsRule, only: 'create', initial: {} },
  ],
  given: ['vpcLinkId', 'createdDate', 'vpcLinkStatus', 'vpcLinkStatusMessage', 'vpcLinkVersion'],
};

export function assertVpcLink(link: VpcLink, lenient: boolean): void {
  if (link.subnetIds.length === 0 && !lenient) throw badRequest(noSubnets);
}
