import { stringify } from 'yaml';

/** Who calls a gateway that verifies signatures: the run itself, and users with one policy each. */

const ACCOUNT = 'arn:aws:execute-api:us-east-1:000000000000';

/** @type {import('../wire/sign.mjs').Credentials} */
export const OWN_CREDENTIALS = {
  accessKeyId: 'CONFORMANCEADMIN0001',
  secretAccessKey: 'admin-secret',
};

/** @typedef {{ effect?: string, action: string, resource: string }} Statement */

/** @type {Record<string, Statement[]>} */
const POLICIES = {
  /** The policy of a backend, as guides write it. */
  backend: [manage(`${ACCOUNT}:*/test/POST/@connections/*`)],
  /** Real connection ids end in `==`; what is evaluated is not one. */
  exact: [manage(`${ACCOUNT}:*/test/POST/@connections/*==`)],
  bare: [manage(`${ACCOUNT}:*/test/POST/@connections`)],
  denied: [manage('*'), { ...manage(`${ACCOUNT}:*/test/GET/@connections/*`), effect: 'Deny' }],
  invoker: [{ action: 'execute-api:Invoke', resource: `${ACCOUNT}:*/test/$connect` }],
  stranger: [{ action: 'execute-api:Invoke', resource: `${ACCOUNT}:*/other/*` }],
};

/**
 * @param {string} resource
 * @returns {Statement}
 */
function manage(resource) {
  return { action: 'execute-api:ManageConnections', resource };
}

/** By name; `unknown` is in nobody's list, `wrong` has a secret that is not the key's. */
export const USERS = {
  ...Object.fromEntries(Object.keys(POLICIES).map((name) => [name, credentialsOf(name)])),
  unknown: credentialsOf('unknown'),
  wrong: { ...credentialsOf('backend'), secretAccessKey: 'another-secret' },
};

/** The `postern.yaml` in which they are all known. */
export function usersFile() {
  /** @type {Statement[]} */
  const admin = [{ action: '*', resource: '*' }];
  const users = Object.entries({ admin, ...POLICIES }).map(([name, statements]) => ({
    name,
    accessKeys: [name === 'admin' ? OWN_CREDENTIALS : credentialsOf(name)],
    policies: [
      {
        Version: '2012-10-17',
        Statement: statements.map(({ effect = 'Allow', action, resource }) => ({
          Effect: effect,
          Action: action,
          Resource: resource,
        })),
      },
    ],
  }));
  return stringify({ users });
}

/** @param {string} name */
function credentialsOf(name) {
  const accessKeyId = `CONFORMANCE${name.toUpperCase()}`.padEnd(20, '0');
  return { accessKeyId, secretAccessKey: `${name}-secret` };
}
