import { APIGateway } from '@aws-sdk/client-api-gateway';
import type { RunningControlPlane } from './start-control-plane.ts';

export const balancer = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/a/b';
export const quota = { limit: 10, period: 'DAY' } as const;

/** The AWS SDK's own client of the v1 API, without retries. */
export interface V1Sdk {
  readonly aws: APIGateway;
  /** The operations called so far, by AWS's names, in their order. */
  readonly called: string[];
}

export function startV1Sdk({ url }: RunningControlPlane): V1Sdk {
  const aws = new APIGateway({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  const called: string[] = [];
  aws.middlewareStack.add(
    (next, context) => (args) => {
      called.push((context.commandName ?? '').replace(/Command$/, ''));
      return next(args);
    },
    { step: 'initialize' },
  );
  return { aws, called };
}

export async function makeApiKey({ aws }: V1Sdk): Promise<string> {
  return (await aws.createApiKey({ name: 'mobile', enabled: true, tags: { a: 'b' } })).id!;
}

export async function makeUsagePlan({ aws }: V1Sdk): Promise<string> {
  return (await aws.createUsagePlan({ name: 'gold', quota })).id!;
}

export async function makeApiKeyIn(sdk: V1Sdk, usagePlanId: string): Promise<string> {
  const keyId = await makeApiKey(sdk);
  await sdk.aws.createUsagePlanKey({ usagePlanId, keyId, keyType: 'API_KEY' });
  return keyId;
}

export async function makeClientCertificate({ aws }: V1Sdk): Promise<string> {
  return (await aws.generateClientCertificate({ description: 'd' })).clientCertificateId!;
}

export async function makeVpcLink({ aws }: V1Sdk): Promise<string> {
  return (await aws.createVpcLink({ name: 'link', targetArns: [balancer] })).id!;
}
