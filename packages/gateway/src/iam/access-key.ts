import type { CompiledPolicy } from './policy.ts';

/** Whoever was let in, and what policies say of them. */
export type Principal = Pick<AccessKey, 'userArn' | 'accountId' | 'userName' | 'policies'>;

/** What a caller signs with, and what its signature entitles it to. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary credentials: the caller must send this token beside its signature. */
  readonly sessionToken?: string;
  /** `arn:aws:iam::{accountId}:user/{userName}`, as denials and events show it. */
  readonly userArn: string;
  readonly accountId: string;
  readonly userName: string;
  /** A disabled key is answered exactly as one that does not exist. */
  readonly enabled: boolean;
  /** Epoch milliseconds from which on it is answered `ExpiredTokenException`. */
  readonly expiresAt?: number;
  readonly policies: readonly CompiledPolicy[];
}
