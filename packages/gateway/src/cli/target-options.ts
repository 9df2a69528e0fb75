/** The options by which commands say which gateway they mean. */
import { resolve } from 'node:path';
import { functionFolder } from '../server/function-folder.ts';
import { defaultConfiguration } from '../server/settings.ts';
import type { ControlCall } from '../templates/control-client.ts';
import { remoteStackStore } from '../templates/stack/remote-stack-store.ts';
import type { StackStore } from '../templates/stack/stack-store.ts';
import { accountOf, type GatewayClientOptions, gatewayClient } from './gateway-client.ts';
import type { Io } from './io.ts';
import { type CommandOption, type ReadOptions, UsageError } from './options.ts';

const { host, port, data, region: defaultRegion, account: defaultAccount } = defaultConfiguration;
const DEFAULT_ENDPOINT = `http://${host}:${port}`;

export const targetOptions: readonly CommandOption[] = [
  {
    name: 'endpoint',
    placeholder: 'URL',
    sentence: `The gateway. Default ${DEFAULT_ENDPOINT}, or POSTERN_ENDPOINT.`,
  },
  {
    name: 'region',
    placeholder: 'REGION',
    sentence: `AWS region. Default ${defaultRegion}, or AWS_REGION.`,
  },
  {
    name: 'account',
    placeholder: 'ID',
    sentence: 'AWS account id. Default: the one the gateway says.',
  },
];

export const dataOption: CommandOption = {
  name: 'data',
  placeholder: 'FOLDER',
  sentence: `Data folder of the gateway, where it looks for functions. Default ${data}, or POSTERN_DATA.`,
};

export interface Target {
  readonly endpoint: string;
  readonly region: string;
  readonly account: string;
  readonly call: ControlCall;
  readonly store: StackStore;
}

/** The gateway that is meant. Throws `UsageError`. */
export function clientOptionsOf({ values }: ReadOptions, io: Io): GatewayClientOptions {
  const { env } = io;
  const last = (name: string) => values.get(name)?.at(-1);
  const endpoint = (last('endpoint') ?? env.POSTERN_ENDPOINT ?? DEFAULT_ENDPOINT).replace(
    /\/+$/,
    '',
  );
  if (!/^https?:\/\/[^\s/?#]+/.test(endpoint)) {
    throw new UsageError(`--endpoint: expected an http or https URL, got ${endpoint}`);
  }
  const region = last('region') ?? env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? defaultRegion;
  return { endpoint, region, env };
}

/** Throws `UsageError`; rejects with `ApplyError` when nothing answers there. */
export async function targetOf(read: ReadOptions, io: Io): Promise<Target> {
  const options = clientOptionsOf(read, io);
  const call = gatewayClient(options);
  const given = read.values.get('account')?.at(-1);
  const account = given ?? (await accountOf(options)) ?? defaultAccount;
  if (!/^\d{12}$/.test(account)) throw new UsageError('--account: expected twelve digits');
  const { endpoint, region } = options;
  return { endpoint, region, account, call, store: remoteStackStore(call) };
}

export function functionFolderOf({ values }: ReadOptions, io: Io): string {
  const folder = values.get('data')?.at(-1) ?? io.env.POSTERN_DATA ?? data;
  return functionFolder(resolve(io.cwd, folder));
}
