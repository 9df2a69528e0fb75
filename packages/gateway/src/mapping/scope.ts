import type { Identity, RequestContext } from '../wire/request-context.ts';
import { isNestedTooDeep } from './json-depth.ts';
import { isPlainJson, type MemberLook } from './json-look.ts';

/** What a mapping or selection expression of one event may look at. */
export interface EventScope {
  /** Of a message made when something asks for it; `connection` is there at once. */
  readonly context: RequestContext;
  readonly connection: EventConnection;
  readonly stageVariables: Readonly<Record<string, string>>;
  /** The handshake's headers and query; present for `$connect` only, as on AWS. */
  readonly handshake?: HandshakeParameters;
  /** The message; empty for `$connect` and `$disconnect`. */
  readonly body: MessageBody;
  /** How often it has been tried to tell this event before; absent at the first attempt. */
  readonly retry?: number;
}

/**
 * What mappings and templates find under `$context`. Beside AWS's names, `posternRetry` at a further
 * attempt to tell of an event: on AWS it is empty, as every name that is not known.
 */
export function contextVariables({ context, retry }: EventScope): RequestContext {
  return retry === undefined ? context : ({ ...context, posternRetry: retry } as RequestContext);
}

/** What the context says of the connection, too. */
export interface EventConnection {
  readonly apiId: string;
  readonly connectionId: string;
  readonly identity: Identity;
  readonly authorizer?: NonNullable<RequestContext['authorizer']>;
}

export interface HandshakeParameters {
  /** Header values by name as the client spelled it, in order of arrival. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** Percent-decoded query values by name, in order of arrival. */
  readonly query: ReadonlyMap<string, readonly string[]>;
}

/** What an integration answered, as response selection and templates see it. */
export interface ResponseScope {
  readonly status: number;
  /** By lower-case name; repeated headers as a list. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: MessageBody;
}

/** A message's bytes, its text and its JSON, each made once and only when something asks for it. */
export class MessageBody {
  readonly bytes: Buffer;
  /** A client's binary message: never JSON, whatever its bytes. */
  readonly isBinary: boolean;
  #text: string | undefined;
  #json: { readonly value: unknown } | undefined;
  #isJson: boolean | undefined;
  /** The last member that was looked for, and what was found. */
  #member: string | undefined;
  #found: string | undefined;

  constructor(bytes: Buffer, isBinary = false) {
    this.bytes = bytes;
    this.isBinary = isBinary;
  }

  /** What events and templates say; a binary message as base64, as AWS writes bytes in text. */
  get text(): string {
    this.#text ??= this.bytes.toString(this.isBinary ? 'base64' : 'utf8');
    return this.#text;
  }

  /** The text where it has a character for each byte, so that one can be sent for the other. */
  get ascii(): string | undefined {
    return !this.isBinary && this.text.length === this.bytes.length ? this.text : undefined;
  }

  /** The parsed message, or `undefined` where the text is not JSON (JSON itself has no undefined). */
  get json(): unknown {
    this.#json ??= { value: this.isBinary ? undefined : parse(this.text) };
    return this.#json.value;
  }

  get isJson(): boolean {
    this.#isJson ??= this.#isPlainJson() || this.json !== undefined;
    return this.#isJson;
  }

  #isPlainJson(): boolean {
    return !this.isBinary && this.#json === undefined && isPlainJson(this.bytes);
  }

  /** What a look finds without the message being parsed: see there. */
  find(look: MemberLook): string | undefined {
    if (this.#member !== look.name) {
      this.#member = look.name;
      this.#found = this.isBinary ? undefined : look.textIn(this.bytes);
      if (this.#found !== undefined) this.#isJson = true;
    }
    return this.#found;
  }
}

export const emptyBody = new MessageBody(Buffer.alloc(0));

/** Other texts are not JSON, and cost no error to be made. */
const BEGINS_LIKE_JSON = /^[ \t\n\r]*[{["\-0-9tfn]/;

function parse(text: string): unknown {
  if (!BEGINS_LIKE_JSON.test(text) || isNestedTooDeep(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
