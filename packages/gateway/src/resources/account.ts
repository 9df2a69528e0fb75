import type { FieldTable } from './field.ts';
import { roleArn } from './integration.ts';

/** What holds for the whole account, stored as one document. */
export interface Account {
  readonly cloudwatchRoleArn?: string;
}

export const accountFields: FieldTable<Account> = {
  noun: 'Account',
  fields: [{ name: 'cloudwatchRoleArn', ...roleArn }],
  given: [],
};
