/** The operations API of a running gateway, as the commands ask it. */
import type { IncomingMessage } from 'node:http';
import { ApplyError } from '../templates/control-client.ts';
import { messageIn } from '../wire/exceptions.ts';
import { noGateway, parsed, textOf } from './answer.ts';
import { type GatewayClientOptions, openRequest } from './gateway-client.ts';

/** Options of the commands that ask it, beside where the gateway is. */
export type OperationsClient = ReturnType<typeof operationsClient>;

export function operationsClient(options: GatewayClientOptions) {
  const open = async (method: string, target: string, body = '', isStream = false) => {
    const response = await openRequest(options, {
      method,
      target: `/@api${target}`,
      body: Buffer.from(body),
      contentType: 'application/json',
      isStream,
    });
    if (response.statusCode === 200) return response;
    throw refusal(response, await textOf(response));
  };
  return {
    /** Rejects with an `ApplyError` in the gateway's own words. */
    async ask<Answer>(method: string, target: string, body?: string): Promise<Answer> {
      return parsed(await textOf(await open(method, target, body))) as Answer;
    },
    /** An answer that goes on. */
    stream: (target: string) => open('GET', target, '', true),
  };
}

/** `?a=b&c=d` of what is set. */
export function queryWith(values: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  const pairs = given.map(([name, value]) => `${name}=${encodeURIComponent(value!)}`);
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

function refusal({ statusCode = 0 }: IncomingMessage, text: string): ApplyError {
  const words = messageIn(parsed(text));
  return words ? new ApplyError(words, statusCode) : noGateway(`${statusCode} ${text}`);
}
