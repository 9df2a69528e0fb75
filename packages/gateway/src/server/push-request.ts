import type { HeaderList } from '../iam/header-list.ts';
import type { RepeatedSignature } from '../iam/repeated-signature.ts';
import type { SignedRequest } from '../iam/sigv4.ts';
import type { Address } from '../stages/address.ts';
import type { PushLayout } from './push-layout.ts';

/** A push of the usual shape, read without node:http. */
export abstract class PushRequest implements SignedRequest {
  readonly method = 'POST';
  /** Where its body begins in the bytes of the request. */
  readonly headBytes: number;
  /** Its own: what it was read from is read into again. */
  readonly body: Buffer;

  constructor(headBytes: number, body: Buffer) {
    this.headBytes = headBytes;
    this.body = body;
  }

  /** As sent, without a query. */
  abstract readonly path: string;
  /** Without its question mark. Only a message to many may have one. */
  abstract readonly query: string;
  abstract readonly headers: PushHeaders;
  abstract readonly address: Address;
  abstract readonly repeated: RepeatedSignature | undefined;

  get url(): string {
    return this.query === '' ? this.path : `${this.path}?${this.query}`;
  }

  /** None is repeated. */
  get rawHeaders(): readonly string[] {
    const { spelled, values } = this.headers;
    return spelled.flatMap((name, at) => [name, values[at]!]);
  }

  /** From here on it is looked at when what it was read from is something else. */
  keep(): void {}
}

/** Those that anybody asks for by name, and all of them as they are signed. */
export class PushHeaders implements HeaderList {
  readonly spelled: readonly string[];
  readonly names: readonly string[];
  readonly values: readonly string[];
  readonly isTidy: boolean;
  readonly host: string;

  constructor(layout: PushLayout, values: readonly string[], isTidy: boolean) {
    this.spelled = layout.spelled;
    this.names = layout.names;
    this.values = values;
    this.isTidy = isTidy;
    this.host = values[layout.host]!;
  }

  get referer(): string | undefined {
    return this.#valueOf('referer');
  }

  get 'user-agent'(): string | undefined {
    return this.#valueOf('user-agent');
  }

  get 'x-forwarded-for'(): string | undefined {
    return this.#valueOf('x-forwarded-for');
  }

  get 'x-forwarded-proto'(): string | undefined {
    return this.#valueOf('x-forwarded-proto');
  }

  #valueOf(name: string): string | undefined {
    const at = this.names.indexOf(name);
    return at < 0 ? undefined : this.values[at];
  }
}
