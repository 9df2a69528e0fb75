/** An access key, in the words of the AWS SDK for JavaScript. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** When to ask the source again. Absent: never. */
  readonly expiration?: Date | undefined;
}

/** An access key, or a function that fetches one, as `@aws-sdk/credential-providers` exports. */
export type CredentialSource = Credentials | (() => Credentials | Promise<Credentials>);

/** A fetched key is fetched again this long before it expires. */
const REFRESH_BEFORE_MILLIS = 60_000;

/**
 * Gives the credentials to sign with: those of `source`, else those of the environment
 * (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN), else undefined for unsigned calls.
 */
export function credentialReader(
  source: CredentialSource | undefined,
  now: () => number,
): () => Promise<Credentials | undefined> {
  if (source === undefined) return async () => fromEnvironment();
  if (typeof source !== 'function') return async () => source;
  let fetched: Promise<Credentials> | undefined;
  let fetchAgainAtMillis = Number.POSITIVE_INFINITY;
  return () => {
    if (fetched === undefined || now() >= fetchAgainAtMillis) {
      fetchAgainAtMillis = Number.POSITIVE_INFINITY;
      // Concurrent pushes share one fetch; a failed one is not kept.
      const fetching = Promise.resolve().then(source);
      fetched = fetching;
      fetching.then(
        ({ expiration }) => {
          if (expiration) fetchAgainAtMillis = expiration.getTime() - REFRESH_BEFORE_MILLIS;
        },
        () => {
          fetched = undefined;
        },
      );
    }
    return fetched;
  };
}

function fromEnvironment(): Credentials | undefined {
  const accessKeyId = process.env.AWS_ACCESS_KEY_ID;
  const secretAccessKey = process.env.AWS_SECRET_ACCESS_KEY;
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, sessionToken: process.env.AWS_SESSION_TOKEN };
}
