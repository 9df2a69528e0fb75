import { describe, expect, test } from 'vitest';
import { systemRandom } from '../../src/ambient/random.ts';
import { answerCallerIdentity } from '../../src/control-plane/caller-identity.ts';

const identity = {
  arn: 'arn:aws:iam::123456789012:user/a<b>&"c"\u0000\ud800',
  accountId: '123456789012',
  userId: 'AKIAEXAMPLE',
};
const answer = (form: string) => answerCallerIdentity(Buffer.from(form), identity, systemRandom);

describe('GetCallerIdentity', () => {
  test('answers who calls, as XML whatever the name holds', () => {
    const { status, headers, body } = answer('Action=GetCallerIdentity&Version=2011-06-15');
    expect([status, headers['content-type']]).toEqual([200, 'text/xml']);
    expect(body).toBe(
      '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">' +
        '<GetCallerIdentityResult>' +
        '<Arn>arn:aws:iam::123456789012:user/a&lt;b&gt;&amp;"c"</Arn>' +
        '<UserId>AKIAEXAMPLE</UserId><Account>123456789012</Account>' +
        '</GetCallerIdentityResult>' +
        `<ResponseMetadata><RequestId>${headers['x-amzn-RequestId']}</RequestId>` +
        '</ResponseMetadata></GetCallerIdentityResponse>',
    );
  });

  test.each([
    ['Action=AssumeRole&Version=2011-06-15', 'AssumeRole for version 2011-06-15'],
    ['', ' for version '],
    ['{"Action":"GetCallerIdentity"}', ' for version '],
    ['Action=%3Cb%3E&Version=1', '&lt;b&gt; for version 1'],
  ])('alone is known: %s', (form, named) => {
    const { status, body } = answer(form);
    expect(status).toBe(400);
    expect(body).toContain('<Code>InvalidAction</Code>');
    expect(body).toContain(`<Message>Could not find operation ${named}</Message>`);
  });
});
