/**
 * Ours: a JSON Web Token is verified by the gateway itself, for stages that say whose tokens they take.
 * Signed with a public key of the stage's set, from its issuer, for its audience, and in time; its
 * claims become `context.authorizer`.
 */
import type { JWTPayload } from 'jose';
import type { Clock } from '../ambient/clock.ts';
import type { HandshakeParameters } from '../mapping/scope.ts';
import type { CompiledJwt, FoundToken } from '../resources/compiled-jwt.ts';
import { errorMessages } from '../wire/error-frame.ts';
import { type Authorization, unauthorized } from './authorization.ts';
import { JwtKeysError } from './issuer-keys.ts';
import { JwtKeys, type JwtKeysOptions } from './jwt-keys.ts';

type Jose = typeof import('jose');

/** Signatures that need no secret of the gateway; `none` and the symmetric ones are not among them. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** How far the clock of an issuer may be off. */
const CLOCK_TOLERANCE_SECONDS = 5;

export class JwtAuthorizer {
  readonly #clock: Clock;
  readonly #keys: JwtKeys;
  #jose: Promise<Jose> | undefined;

  constructor(options: JwtKeysOptions) {
    this.#clock = options.clock;
    this.#keys = new JwtKeys(options);
  }

  async authorize(jwt: CompiledJwt, handshake: HandshakeParameters): Promise<Authorization> {
    if (jwt.problem !== undefined) {
      const { internal } = errorMessages;
      return unauthorized(500, internal, 'authorizer-misconfigured', jwt.problem);
    }
    const found = findToken(jwt, handshake);
    if (!found) {
      const places = jwt.sources.map(({ text }) => text).join(' or ');
      const { unauthorized: message } = errorMessages;
      return unauthorized(401, message, 'client-token-missing', `no token in ${places}`);
    }
    // Loaded when a stage first asks for it: most gateways never do.
    this.#jose ??= import('jose');
    const jose = await this.#jose;
    try {
      const payload = await this.#verify(jose, jwt, found.token);
      return authorized(jwt, payload, found);
    } catch (error) {
      if (error instanceof JwtKeysError) return failed(error.message);
      if (!(error instanceof jose.errors.JOSEError)) throw error;
      // Of this one the set of keys is to blame, of all others the token.
      return error instanceof jose.errors.JWKSInvalid
        ? failed(`the keys: ${error.message}`)
        : refused(`the token: ${error.message}`);
    }
  }

  async #verify(jose: Jose, jwt: CompiledJwt, token: string): Promise<JWTPayload> {
    const options = {
      algorithms: ALGORITHMS,
      issuer: jwt.issuer,
      requiredClaims: ['exp'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(this.#clock.now()),
    };
    const find = await this.#keys.of(jwt.keys, jose);
    const { payload } = await jose.jwtVerify(token, find, options).catch(async (error: unknown) => {
      // The token names no key, and several may be its own.
      if (!(error instanceof jose.errors.JWKSMultipleMatchingKeys)) throw error;
      for await (const key of error) {
        try {
          return await jose.jwtVerify(token, key, options);
        } catch (other) {
          if (!(other instanceof jose.errors.JWSSignatureVerificationFailed)) throw other;
        }
      }
      throw new jose.errors.JWSSignatureVerificationFailed();
    });
    if (!isFor(jwt, payload)) {
      throw new jose.errors.JWTClaimValidationFailed('it is not for this audience', payload, 'aud');
    }
    return payload;
  }
}

function findToken(
  { sources }: CompiledJwt,
  handshake: HandshakeParameters,
): FoundToken | undefined {
  for (const source of sources) {
    const found = source.find(handshake);
    if (found) return found;
  }
  return undefined;
}

/** Access tokens of some issuers name the client they were made for in place of an audience. */
function isFor({ audience }: CompiledJwt, { aud, client_id }: JWTPayload): boolean {
  const named = aud ?? client_id;
  const names = Array.isArray(named) ? named : [named];
  return names.some((name) => audience.includes(name as string));
}

function authorized(
  { claims }: CompiledJwt,
  payload: JWTPayload,
  { protocol }: FoundToken,
): Authorization {
  const told = Object.entries(payload).filter(
    ([name, value]) => value !== null && value !== undefined && (!claims || claims.has(name)),
  );
  const { sub, exp = 0 } = payload;
  return {
    kind: 'authorized',
    authorizer: {
      ...Object.fromEntries(told.map(([name, value]) => [name, textOf(value)])),
      ...(sub !== undefined && { principalId: sub }),
    },
    authorizedUntil: exp * 1000,
    ...(protocol !== undefined && { protocol }),
  };
}

/** Context is text, as that of every authorizer: lists and objects go as JSON. */
const textOf = (value: unknown) =>
  typeof value === 'object' ? JSON.stringify(value) : String(value);

const refused = (reason: string) =>
  unauthorized(401, errorMessages.unauthorized, 'client-token-refused', reason);
const failed = (reason: string) =>
  unauthorized(500, errorMessages.internal, 'client-token-unverifiable', reason);
