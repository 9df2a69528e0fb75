import { type Account, accountFields } from '../../resources/account.ts';
import { readPatchOperations, replacedMembers } from '../../resources/json-patch.ts';
import { patch } from '../../resources/patch.ts';
import { badRequest } from '../../resources/problems.ts';
import { readFields } from '../../resources/read-fields.ts';
import { viewOf } from '../../resources/view.ts';
import { limits } from '../../wire/limits.ts';
import { changeDocument, type DocumentKind, readDocument } from '../document-store.ts';
import type { Call, Operation } from '../operation.ts';
import { unknown } from './problems.ts';

const path = '/account';

export const accountOperations: Operation[] = [
  { operation: 'GetAccount', method: 'GET', path, status: 200, handler: getAccount },
  { operation: 'UpdateAccount', method: 'PATCH', path, status: 200, handler: updateAccount },
];

const accountDocuments: DocumentKind<Account> = {
  noun: 'Account',
  param: '',
  prefix: 'account/settings',
  isId: (text) => text === '',
  unknown: () => unknown('Invalid account specified'),
  empty: {},
};

async function getAccount({ context }: Call) {
  return view(await readDocument(context, accountDocuments, ''));
}

function updateAccount({ context, body }: Call) {
  return changeDocument(context, accountDocuments, '', (before) => {
    const operations = readPatchOperations(body, {
      add: ['/features'],
      replace: ['/cloudwatchRoleArn'],
      remove: ['/cloudwatchRoleArn'],
    });
    for (const { op, value } of operations) {
      // Usage plans were once to be switched on; here they always are.
      if (op === 'add' && value !== 'UsagePlans') {
        throw badRequest('Invalid features specified. Must be one of [UsagePlans]');
      }
    }
    const role = operations
      .filter(({ op }) => op !== 'add')
      .map(({ op, ...operation }) => (op === 'remove' ? { ...operation, value: '' } : operation));
    const members = replacedMembers(
      role.map((each) => ({ ...each, op: 'replace' })),
      {},
    );
    const asked = readFields(accountFields, members, 'update', context.lenient);
    const document = role.length === 0 ? before : patch(accountFields, before, asked);
    return { document, answer: () => view(document) };
  });
}

/** Throttling of the whole account is shown as AWS has it; the gateway's own limit is configuration. */
function view(account: Account) {
  return viewOf(accountFields, account, {
    apiKeyVersion: '4',
    features: ['UsagePlans'],
    throttleSettings: { burstLimit: limits.accountBurstLimit, rateLimit: limits.accountRateLimit },
  });
}
