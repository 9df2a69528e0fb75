/** Calls of the gateway: signed where it asks for it, with errors that say what to do. */
import { access, credentials, isUnreachable, version } from './session.ts';
import { signatureHeaders } from './sigv4.ts';
import type { Version } from './types.ts';

export class CallError extends Error {
  readonly status: number;
  /** The exception's name, such as `AccessDeniedException`. */
  readonly type: string;

  constructor(status: number, type: string, message: string) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

export interface CallOptions {
  readonly method?: string;
  /** Text goes as it is, anything else as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** `path` is encoded and may carry a query. Rejects with a `CallError`. */
export async function call<Answer>(path: string, options: CallOptions = {}): Promise<Answer> {
  const response = await open(path, options);
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as Answer;
}

/** The answer while it arrives, for streams. */
export async function open(path: string, options: CallOptions = {}): Promise<Response> {
  const { method = 'GET', body, signal } = options;
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const url = new URL(path, location.origin);
  let response: Response;
  try {
    response = await fetch(url, {
      method,
      headers: {
        ...(typeof body === 'object' && { 'content-type': 'application/json' }),
        ...(await authorization(method, url, text ?? '')),
      },
      cache: 'no-store',
      ...(text !== undefined && { body: text }),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    isUnreachable.value = true;
    throw new CallError(0, 'Unreachable', 'The gateway does not answer. Is it running?');
  }
  isUnreachable.value = false;
  if (response.ok) return response;
  throw await errorOf(response);
}

async function authorization(method: string, url: URL, body: string) {
  const who = credentials.value;
  if (!who) return {};
  if (who.kind === 'token') return { Authorization: `Bearer ${who.token}` };
  return signatureHeaders({ method, url, body }, who.key);
}

/** What the gateway cannot identify ends the session; what it does not allow is only said. */
const SIGN_IN = new Set([
  'MissingAuthenticationTokenException',
  'IncompleteSignatureException',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'ExpiredTokenException',
]);

async function errorOf(response: Response): Promise<CallError> {
  const type = response.headers.get('x-amzn-errortype') ?? `HTTP ${response.status}`;
  if (SIGN_IN.has(type)) access.value = 'signIn';
  let message = response.statusText;
  try {
    const body = (await response.json()) as { message?: string; Message?: string };
    message = body.message ?? body.Message ?? message;
  } catch {
    // Not ours, such as a proxy's page: its status has to do.
  }
  return new CallError(response.status, type, message);
}

/**
 * Asks the gateway what it is. Whether it may be asked decides between the pages and the sign-in;
 * resolves with whether the pages may be shown.
 */
export async function greet(): Promise<boolean> {
  try {
    version.value = await call<Version>('/@api/version');
  } catch (error) {
    if (!(error instanceof CallError) || error.status === 0 || SIGN_IN.has(error.type))
      return false;
    // Known, but not allowed to ask for the version: the pages themselves say what they may not do.
  }
  access.value = 'open';
  return true;
}

/** All pages of a list of the control plane. */
export async function list<Item>(path: string): Promise<Item[]> {
  const items: Item[] = [];
  for (let token = ''; ; ) {
    const page = await call<{ items?: Item[]; nextToken?: string }>(
      `${path}?maxResults=500${token && `&nextToken=${encodeURIComponent(token)}`}`,
    );
    items.push(...(page.items ?? []));
    if (!page.nextToken) return items;
    token = page.nextToken;
  }
}
