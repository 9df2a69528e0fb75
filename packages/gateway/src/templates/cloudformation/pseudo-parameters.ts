import { NO_VALUE } from './intrinsic.ts';

/** The surroundings a template may ask about. */
export interface Environment {
  readonly stackName: string;
  readonly region: string;
  readonly account: string;
}

export function pseudoParameters(environment: Environment): ReadonlyMap<string, unknown> {
  const { stackName, region, account } = environment;
  const partition = region.startsWith('cn-') ? 'aws-cn' : 'aws';
  return new Map<string, unknown>([
    ['AWS::AccountId', account],
    ['AWS::NotificationARNs', []],
    ['AWS::NoValue', NO_VALUE],
    ['AWS::Partition', partition],
    ['AWS::Region', region],
    [
      'AWS::StackId',
      `arn:${partition}:cloudformation:${region}:${account}:stack/${stackName}/postern`,
    ],
    ['AWS::StackName', stackName],
    ['AWS::URLSuffix', partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'],
  ]);
}
