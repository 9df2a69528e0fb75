/**
 * `GetCallerIdentity` of the Security Token Service, the one call of another service that tools make
 * first, to learn whose credentials they hold: a form in, XML out.
 */
import { uuid } from '../ambient/ids.ts';
import type { Random } from '../ambient/random.ts';
import type { ServiceException } from '../wire/exceptions.ts';
import type { HttpReply } from '../wire/http-reply.ts';

export interface CallerIdentity {
  readonly arn: string;
  readonly accountId: string;
  readonly userId: string;
}

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** Answers the form of a `POST /`. Any other action is refused by name. */
export function answerCallerIdentity(
  form: Uint8Array,
  { arn, accountId, userId }: CallerIdentity,
  random: Random,
): HttpReply {
  const parameters = new URLSearchParams(Buffer.from(form).toString());
  const action = parameters.get('Action') ?? '';
  if (action !== 'GetCallerIdentity') {
    const version = parameters.get('Version') ?? '';
    const message = `Could not find operation ${action} for version ${version}`;
    return problem(400, 'InvalidAction', message, random);
  }
  const result = `<Arn>${text(arn)}</Arn><UserId>${text(userId)}</UserId><Account>${text(accountId)}</Account>`;
  return answer(200, random, (requestId) => {
    const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
    const body = `<GetCallerIdentityResult>${result}</GetCallerIdentityResult>${metadata}`;
    return `<GetCallerIdentityResponse xmlns="${NAMESPACE}">${body}</GetCallerIdentityResponse>`;
  });
}

/** A refusal, such as that of a signature, as this service writes it. */
export function refuseCallerIdentity(exception: ServiceException, random: Random): HttpReply {
  return problem(exception.status, exception.name, exception.message, random);
}

function problem(status: number, code: string, message: string, random: Random): HttpReply {
  const error = `<Type>Sender</Type><Code>${text(code)}</Code><Message>${text(message)}</Message>`;
  return answer(
    status,
    random,
    (requestId) =>
      `<ErrorResponse xmlns="${NAMESPACE}"><Error>${error}</Error>` +
      `<RequestId>${requestId}</RequestId></ErrorResponse>`,
  );
}

function answer(status: number, random: Random, write: (requestId: string) => string): HttpReply {
  const requestId = uuid(random);
  return {
    status,
    headers: { 'content-type': 'text/xml', 'x-amzn-RequestId': requestId },
    body: write(requestId),
  };
}

const references: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** As the text of an element: references for markup, nothing for what XML 1.0 cannot hold. */
function text(value: string): string {
  return value
    .replace(/[&<>]/g, (character) => references[character]!)
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '');
}
