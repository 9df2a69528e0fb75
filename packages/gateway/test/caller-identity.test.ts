import { afterEach, describe, expect, test } from 'vitest';
import { isMissing, run } from './control-plane/support/tool.ts';
import { startGateway, type TestGateway } from './support/start-gateway.ts';

const PYTHON = '/usr/bin/python3';
const isBoto3Missing = await isMissing(PYTHON, ['-c', 'import boto3']);

/** Whom boto3 says it is, or which exception it makes of the refusal. */
const script = `
import sys, boto3
from botocore.exceptions import ClientError
url, key, secret = sys.argv[1:]
sts = boto3.client("sts", endpoint_url=url, region_name="us-east-1",
                   aws_access_key_id=key, aws_secret_access_key=secret)
try:
    identity = sts.get_caller_identity()
    print(identity["Arn"], identity["Account"], identity["UserId"])
except ClientError as e:
    print(e.response["Error"]["Code"], e.response["ResponseMetadata"]["HTTPStatusCode"])
`;

const KEY = { accessKeyId: 'AKIAPUSHER000000001', secretAccessKey: 'pusher-secret' };

let gateway: TestGateway;
afterEach(async () => {
  expect(gateway.errors).toEqual([]);
  await gateway.stop();
});

async function whoAmI(accessKeyId: string, secret: string): Promise<string> {
  const { stdout, stderr } = await run(PYTHON, ['-c', script, gateway.url, accessKeyId, secret]);
  expect(stderr).toBe('');
  return stdout.trim();
}

describe('GetCallerIdentity, at the door', () => {
  test.skipIf(isBoto3Missing)('answers the user whose key signed, whatever it may do', async () => {
    const users = [{ name: 'pusher', accessKeys: [{ ...KEY, enabled: true }], policies: [] }];
    gateway = await startGateway({ mode: 'start', users });
    gateway.clock.jumpTo(Date.now());
    expect(await whoAmI(KEY.accessKeyId, KEY.secretAccessKey)).toBe(
      'arn:aws:iam::000000000000:user/pusher 000000000000 AKIAPUSHER000000001',
    );
    expect(await whoAmI(KEY.accessKeyId, 'wrong')).toBe('InvalidSignatureException 403');
    expect(await whoAmI('AKIANOBODY000000001', 'x')).toMatch(/^UnrecognizedClientException 403$/);
  });

  test.skipIf(isBoto3Missing)('answers the account where anyone may call', async () => {
    gateway = await startGateway();
    expect(await whoAmI('any', 'thing')).toBe(
      'arn:aws:iam::000000000000:root 000000000000 000000000000',
    );
  });

  test('takes a form of 16384 bytes and no longer one', async () => {
    gateway = await startGateway();
    const form = 'Action=GetCallerIdentity&Version=2011-06-15&x=';
    const send = (bytes: number) =>
      fetch(gateway.url, { method: 'POST', body: form.padEnd(bytes, 'x') });
    expect((await send(16_384)).status).toBe(200);
    const refused = await send(16_385);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toEqual({ message: 'The request body exceeds 16384 bytes' });
  });
});
