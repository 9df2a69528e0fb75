/**
 * From an HTTP upgrade request to an open connection: checks, each of which ends the handshake with
 * its own answer, then `$connect`, then the 101 (RFC 6455 section 4.2).
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Connection, type ConnectionFacts } from '../connections/connection.ts';
import type { Transport } from '../connections/heartbeat.ts';
import { PushQueue } from '../connections/push-queue.ts';
import type { DirectoryEntry } from '../engines/connection-directory.ts';
import { EngineUnavailable } from '../engines/engine-unavailable.ts';
import { signedRequest } from '../iam/signed-request.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import type { Trail } from '../telemetry/trail.ts';
import type { Seat } from '../throttling/address-limits.ts';
import type { Excess } from '../throttling/throttle.ts';
import { closes } from '../wire/close-codes.ts';
import { errorMessages } from '../wire/error-frame.ts';
import { admit, takeApiKey } from './admission.ts';
import { callerConditions } from './caller-conditions.ts';
import { clientCertificateOf } from './client-certificate.ts';
import { type ConnectOutcome, runConnectRoute } from './connect-route.ts';
import type { DataPlane } from './data-plane.ts';
import { connectContext, type EventIds, eventIds } from './event.ts';
import { checkHandshake, stopping } from './handshake-check.ts';
import { HandshakeRequest } from './handshake-request.ts';
import { OpenConnection } from './open-connection.ts';
import type { ConnectFacts, Opening } from './opening.ts';
import {
  gatewayFault,
  gatewayRefusal,
  plainRefusal,
  type Refusal,
  throttled,
  writeRefusal,
} from './refusal.ts';
import { Upgrader } from './upgrade.ts';

const NO_BODY = Buffer.alloc(0);

/** A client may vanish at any time; what that means is decided where the socket is next used. */
const ignore = () => {};

/** What the answer to a handshake is written to. */
interface Door {
  readonly socket: Duplex;
  readonly head: Buffer;
  /** Absent where nothing that follows on the connection could be told from this request. */
  readonly reuse?: () => void;
}

/** A handshake that passed every check which asks nobody. */
interface Asking {
  readonly request: IncomingMessage;
  readonly door: Door;
  readonly stage: CompiledStage;
  readonly handshake: HandshakeRequest;
  readonly apiKey: string | undefined;
  /** What is known of the client so far. */
  readonly asked: ConnectionFacts;
  readonly attempt: Attempt;
}

/** Whether a client is let in, and what is known of it by then. */
interface Decision {
  readonly facts: ConnectionFacts;
  readonly outcome: ConnectOutcome;
  /** What was pushed to the connection before it was one. */
  readonly pushes?: PushQueue | undefined;
  /** By which its `$disconnect` is remembered; an error where that could not be written down. */
  readonly entry?: DirectoryEntry | Error | undefined;
}

/** What belongs to a connection from before it was one. */
interface Belongings {
  readonly pushes: PushQueue | undefined;
  readonly seat: Seat;
  readonly entry: DirectoryEntry | undefined;
}

export class Handshakes {
  readonly #plane: DataPlane;
  readonly #upgrader = new Upgrader();
  #isClosed = false;

  constructor(plane: DataPlane) {
    this.#plane = plane;
  }

  /** From now on nobody is let in: the gateway is stopping. */
  close(): void {
    this.#isClosed = true;
  }

  /**
   * Serves one upgrade request to its end. Never throws. `giveBack` takes the connection of a refused
   * client back, to serve further requests on it.
   */
  handle(request: IncomingMessage, socket: Duplex, head: Buffer, giveBack: () => void): void {
    socket.on('error', ignore);
    const reuse = () => {
      socket.off('error', ignore);
      giveBack();
    };
    const door = { socket, head, ...(isReusable(request, head) && { reuse }) };
    this.#plane.work.run('A handshake', this.#serve(request, door));
  }

  async #serve(request: IncomingMessage, door: Door): Promise<void> {
    const { clock, addressLimits, recorder } = this.#plane;
    const startedAt = clock.now();
    const stage = this.#isClosed ? stopping() : checkHandshake(request, this.#plane);
    const from = () => request.headers;
    const trail =
      'kind' in stage
        ? recorder.trail({ kind: 'connect' }, undefined, from)
        : recorder.trail(
            { kind: 'connect', apiId: stage.apiId, stage: stage.stageName },
            stage,
            from,
          );
    const attempt: Attempt = { startedAt, trail, ids: eventIds(this.#plane), told: {} };
    const handshake = new HandshakeRequest(request);
    if ('kind' in stage) {
      trail?.mark('handshake', shown(request, handshake));
      this.#refuse({ socket: door.socket }, stage, attempt);
      return;
    }
    const asked = this.#facts(request, stage);
    const asking: Asking = {
      request,
      door,
      stage,
      handshake,
      apiKey: takeApiKey(handshake, stage),
      asked,
      attempt: {
        ...attempt,
        stage,
        facts: asked,
        told: { context: connectContext(this.#plane, asked, attempt.ids) },
      },
    };
    trail?.hide(asking.apiKey);
    // Only now the API key is out of the query.
    trail?.mark('handshake', shown(request, handshake));
    // What one address does too much is not to use up what all may do.
    const seat = addressLimits.enter(stage, asked.identity.sourceIp);
    if (seat.kind === 'excess') {
      this.#throttle(asking, seat);
      return;
    }
    let isOpen = false;
    try {
      isOpen = await this.#connect(asking, seat);
    } finally {
      if (!isOpen) seat.release();
    }
  }

  /** From a handshake that is asked about to the connection, or its refusal; whether there is one. */
  async #connect(asking: Asking, seat: Seat): Promise<boolean> {
    const { request, door, stage, asked, attempt } = asking;
    const { clock, outbox, stages, throttle, connectionLimits } = this.#plane;
    const { socket, head } = door;
    const excess = throttle.handshake();
    if (excess !== undefined) return this.#throttle(asking, excess);
    let decision: Decision;
    try {
      decision = await this.#decide(asking);
    } catch (bug) {
      // Such as an API key that cannot be looked up now: nobody is at fault, and nobody is let in.
      if (bug instanceof EngineUnavailable) {
        this.#refuse(door, plainRefusal(503, 'store-unavailable', bug.message), attempt);
        return false;
      }
      const ids = { connectionId: asked.connectionId, ...attempt.ids };
      const fault = gatewayRefusal(ids, 500, errorMessages.internal, gatewayFault);
      this.#refuse(door, fault, attempt);
      throw bug;
    }
    const { facts, outcome, pushes, entry } = decision;
    if (outcome.kind === 'refused') return this.#refuse(door, outcome, { ...attempt, facts });
    const lost = { facts, close: closes.abnormal, rule: 'connection-lost' } as const;
    if (entry instanceof Error) {
      const reason = `the connection could not be written down: ${entry.message}`;
      this.#refuse(door, plainRefusal(503, 'store-unavailable', reason), { ...attempt, facts });
      // The backend has let it in and has to hear.
      await outbox.end(lost);
      return false;
    }
    // Its settings may have changed while the backend was asked, or it may have gone.
    const { extensions } = stages.find(facts.apiId, facts.stageName) ?? stage;
    const webSocket = this.#upgrader.upgrade({
      key: request.headers['sec-websocket-key']!,
      socket,
      head,
      protocol: outcome.protocol,
      offer: request.headers['sec-websocket-extensions'],
      extensions,
      nowMillis: clock.now(),
    });
    attempt.trail?.mark('reply', { status: 101 });
    this.#record({ ...attempt, facts }, 200);
    if (!webSocket) {
      // The client left while its backend was asked. The backend has let it in and has to hear.
      await outbox.end({ ...lost, entry });
      return false;
    }
    const connection = new Connection({
      facts,
      socket: webSocket,
      transport: socket as Transport,
      clock,
      limits: connectionLimits,
      extensions,
    });
    this.#open(connection, { pushes, seat, entry });
    return true;
  }

  /** Asks the authorizer, then the backend. */
  async #decide({ request, stage, handshake, apiKey, asked, attempt }: Asking): Promise<Decision> {
    const { ids, trail } = attempt;
    const signed = signedRequest(request, NO_BODY);
    const { told } = attempt;
    const conditions = () => callerConditions(request, this.#plane.clientAddress);
    const opening: Opening = { stage, handshake, signed, conditions, apiKey, ids, trail, told };
    const admission = await admit(this.#plane, opening, asked);
    if (admission.kind === 'refused') return { facts: asked, outcome: admission };
    const { facts, authorizerMillis, protocol } = admission;
    const pushes = stage.extensions.pushDuringConnect ? this.#keepPushes(facts) : undefined;
    const { hub, outbox } = this.#plane;
    // Written while the backend is asked, so that nobody has to wait for it afterwards.
    const owed = outbox.owe(facts, stage);
    let isAccepted = false;
    try {
      const answer = await runConnectRoute(this.#plane, opening, facts, authorizerMillis);
      isAccepted = answer.kind === 'accepted';
      if (answer.kind === 'refused') return { facts, outcome: answer };
      const isUnchosen = answer.protocol === undefined && protocol !== undefined;
      const outcome = isUnchosen ? { ...answer, protocol } : answer;
      return { facts, outcome, pushes, entry: await owed?.catch((error: Error) => error) };
    } finally {
      if (pushes) hub.expectNoMore(facts.connectionId);
      if (!isAccepted) outbox.forgive(owed);
    }
  }

  /** From here on the backend may push to a connection it has yet to accept. */
  #keepPushes({ connectionId, apiId }: ConnectionFacts): PushQueue {
    const { hub, connectionLimits } = this.#plane;
    const pushes = new PushQueue(apiId, connectionLimits.sendQueueBytesMax);
    hub.expect(connectionId, pushes);
    return pushes;
  }

  #facts(request: IncomingMessage, stage: CompiledStage): ConnectionFacts {
    const userAgent = request.headers['user-agent'];
    const clientCert = clientCertificateOf(request);
    return {
      connectionId: this.#plane.ids.next(),
      apiId: stage.apiId,
      stageName: stage.stageName,
      connectedAt: this.#plane.clock.now(),
      domainName: request.headers.host ?? '',
      identity: {
        ...(userAgent !== undefined && { userAgent }),
        sourceIp: this.#plane.clientAddress(request),
        ...(clientCert && { clientCert }),
      },
    };
  }

  #open(connection: Connection, { pushes, seat, entry }: Belongings): void {
    this.#plane.hub.add(connection);
    connection.listen(new OpenConnection(this.#plane, seat, entry));
    if (pushes) connection.sendKept(pushes.messages);
    // The stage, or the gateway, may have gone while the backend was asked.
    const { apiId, stageName } = connection.facts;
    if (this.#isClosed) connection.close(closes.goingAway, 'gateway-stopping');
    else if (!this.#plane.stages.find(apiId, stageName)) {
      connection.close(closes.goingAway, 'stage-removed');
    }
  }

  #throttle({ door, asked, attempt }: Asking, excess: NonNullable<Excess>): false {
    const ids = { connectionId: asked.connectionId, ...attempt.ids };
    return this.#refuse(door, throttled(ids, excess), attempt);
  }

  #refuse({ socket, reuse }: Omit<Door, 'head'>, refusal: Refusal, attempt: Attempt): false {
    const { status, headers, body } = refusal;
    writeRefusal(socket, refusal, this.#plane.clock.now(), this.#isClosed ? undefined : reuse);
    attempt.trail?.mark('reply', { status, headers, body: Buffer.from(body) });
    this.#record(attempt, status, refusal);
    return false;
  }

  #record(attempt: Attempt, status: number, refusal?: Refusal): void {
    const { startedAt, stage, facts, ids, trail, told } = attempt;
    this.#plane.recorder.record({
      event: {
        kind: 'connect',
        ...(facts && {
          apiId: facts.apiId,
          stage: facts.stageName,
          connectionId: facts.connectionId,
        }),
        requestId: ids.requestId,
        route: '$connect',
        status,
        millis: this.#plane.clock.now() - startedAt,
        ...(refusal && { reason: refusal.reason, rule: refusal.rule }),
      },
      at: startedAt,
      stage,
      message: refusal?.message,
      ...told,
      trail,
    });
  }
}

/** A handshake on its way, as far as it has come. */
interface Attempt {
  readonly startedAt: number;
  readonly ids: EventIds;
  readonly trail: Trail | undefined;
  readonly told: ConnectFacts;
  readonly stage?: CompiledStage;
  readonly facts?: ConnectionFacts;
}

function shown({ method = '', url = '' }: IncomingMessage, handshake: HandshakeRequest) {
  const { rawHeaders: headers, rawQuery } = handshake;
  const [path = ''] = url.split('?', 1);
  return { method, url: rawQuery === '' ? path : `${path}?${rawQuery}`, headers };
}

/** A body would be read as the next request, and bytes that came along with the handshake are lost. */
function isReusable({ httpVersion, headers }: IncomingMessage, head: Buffer): boolean {
  const hasBody =
    headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
  const wantsEnd = /\bclose\b/i.test(headers.connection ?? '');
  return httpVersion === '1.1' && head.length === 0 && !hasBody && !wantsEnd;
}
