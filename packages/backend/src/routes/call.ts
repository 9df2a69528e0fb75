import type { Registry } from '../connections/registry.ts';
import type { Replacements } from '../connections/replacements.ts';
import type { Log } from '../log.ts';
import type { BackendOptions } from '../options.ts';
import type { Pushes } from '../push/pushes.ts';
import type { Settings } from '../settings.ts';
import { type Body, readBody } from './read-body.ts';
import { type BackendRequest, type BackendResponse, json, type RequestDetails } from './request.ts';

/** A request on its way through one route. */
export interface Call {
  /** The last part of the path, on the route that ends with one. */
  readonly rest: string;
  /** As it came. Its body is read once: what has read it passes the call on with `body`. */
  readonly request: BackendRequest;
  readonly details: RequestDetails;
  readonly body: BackendRequest['body'];
  /** Adds a text that no log may show. */
  keepSecret(text: string | undefined): void;
}

export type Route = (call: Call) => Promise<BackendResponse>;

/** What the routes are made of. */
export interface RouteParts<User extends string> {
  /** The functions of the user. */
  readonly options: BackendOptions<User>;
  readonly settings: Settings;
  readonly registry: Registry;
  readonly replacements: Replacements;
  readonly pushes: Pushes;
  readonly log: Log;
}

/** An answer that cuts a route short. */
export class Refusal extends Error {
  readonly response: BackendResponse;

  constructor(response: BackendResponse) {
    super(`refused with ${response.status}`);
    this.response = response;
  }
}

/** The body as UTF-8; bytes that are not become U+FFFD. Throws as `bytesOf` does. */
export async function textOf(call: Call): Promise<string> {
  return (await bytesOf(call)).toString('utf8');
}

/** Throws the refusal of a body too large or cut short. */
export async function bytesOf(call: Call): Promise<Buffer> {
  const body: Body = await readBody(call.body);
  if (body.kind === 'bytes') return body.bytes;
  throw new Refusal(
    body.kind === 'too-large'
      ? json(413, { message: 'Body too large: a message has at most 131072 bytes' })
      : json(400, { message: 'Body cut short' }),
  );
}
