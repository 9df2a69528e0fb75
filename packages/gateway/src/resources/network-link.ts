import type { FieldTable } from './field.ts';
import { badRequest } from './problems.ts';
import { tagsRule } from './tags.ts';

/**
 * A VPC link of the v1 API: to a network load balancer, for the private integrations of WebSocket and
 * REST APIs. Kept and shown, as `VpcLink` is.
 */
export interface NetworkLink {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  /** One load balancer. */
  readonly targetArns: readonly string[];
  readonly status: 'AVAILABLE';
  readonly statusMessage: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export const NETWORK_LINK_PREFIX = 'networklink/';

const oneTarget = 'Invalid targetArns specified. Must name exactly one network load balancer';

export const networkLinkFields: FieldTable<NetworkLink> = {
  noun: 'VpcLink',
  fields: [
    {
      name: 'name',
      kind: 'text',
      lengthMin: 1,
      lengthMax: 128,
      required: 'VPC link name is required',
    },
    { name: 'description', kind: 'text', lengthMax: 1024, isClearable: true },
    {
      name: 'targetArns',
      kind: 'list',
      of: { kind: 'text' },
      only: 'create',
      required: oneTarget,
    },
    { name: 'tags', ...tagsRule, only: 'create' },
  ],
  given: ['id', 'status', 'statusMessage'],
};

export function assertNetworkLink({ targetArns }: NetworkLink, lenient: boolean): void {
  const isBalancer = /^arn:[a-z-]+:elasticloadbalancing:[^:]*:\d*:loadbalancer\/net\/.+$/;
  if (!lenient && (targetArns.length !== 1 || !isBalancer.test(targetArns[0]!))) {
    throw badRequest(oneTarget);
  }
}
