/**
 * From an HTTP upgrade request to an open connection: checks, each of which ends the handshake with
 * its own answer, then `$connect`, then the 101 (RFC 6455 section 4.2).
 */
import type { Duplex } from 'node:stream';
import { SharedTexts } from '../ambient/shared-texts.ts';
import { Connection, type ConnectionFacts } from '../connections/connection.ts';
import { PushQueue } from '../connections/push-queue.ts';
import type { DirectoryEntry } from '../engines/connection-directory.ts';
import { EngineUnavailable, mayBeWritten } from '../engines/engine-unavailable.ts';
import type { CompiledStage } from '../resources/compiled-stage.ts';
import { KnownAddresses } from '../stages/known-addresses.ts';
import type { LogEvent } from '../telemetry/log.ts';
import type { Trail } from '../telemetry/trail.ts';
import type { Seat } from '../throttling/address-limits.ts';
import type { Excess } from '../throttling/excess.ts';
import type { HeldSocket } from '../transport/held-socket.ts';
import { closes } from '../wire/close-codes.ts';
import { errorMessages } from '../wire/error-frame.ts';
import { pathOf } from '../wire/request-url.ts';
import { type Admitted, admit, takeApiKey } from './admission.ts';
import { type ArrivedHandshake, headersByName } from './arrived-handshake.ts';
import { clientCertificateOf } from './client-certificate.ts';
import { type ConnectOutcome, runConnectRoute } from './connect-route.ts';
import type { DataPlane } from './data-plane.ts';
import { connectContext, eventIds } from './event.ts';
import { checkHandshake, stopping } from './handshake-check.ts';
import { HandshakeRequest } from './handshake-request.ts';
import { OpenConnection } from './open-connection.ts';
import type { Attempt, Opening } from './opening.ts';
import {
  gatewayFault,
  gatewayRefusal,
  plainRefusal,
  type Refusal,
  throttled,
  writeRefusal,
} from './refusal.ts';
import { Upgrader } from './upgrade.ts';

/** A refused client may vanish at any time. */
const ignore = () => {};

const OUTLOOK = { kind: 'connect' } as const;
/** How a connection ends that never was one for its client. */
const LOST = { close: closes.abnormal, rule: 'connection-lost' } as const;

/** What the answer to a handshake is written to. */
interface Door {
  readonly socket: HeldSocket;
  readonly head: Buffer;
  /** Takes the connection back, to serve further requests on it. */
  readonly giveBack: (stream: Duplex) => void;
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
  readonly #addresses: KnownAddresses;
  readonly #upgrader = new Upgrader();
  readonly #texts = new SharedTexts();
  #isClosed = false;

  constructor(plane: DataPlane) {
    this.#plane = plane;
    this.#addresses = new KnownAddresses(plane.stages);
  }

  /** From now on nobody is let in: the gateway is stopping. */
  close(): void {
    this.#isClosed = true;
  }

  /**
   * Serves one upgrade request to its end. Never throws. `giveBack` takes the connection of a refused
   * client back, to serve further requests on it.
   */
  handle(
    request: ArrivedHandshake,
    socket: HeldSocket,
    head: Buffer,
    giveBack: (stream: Duplex) => void,
  ): void {
    this.#plane.work.run('A handshake', this.#serve(request, { socket, head, giveBack }));
  }

  async #serve(request: ArrivedHandshake, door: Door): Promise<void> {
    const { clock, random, addressLimits } = this.#plane;
    const startedAt = clock.now();
    const stage = this.#isClosed ? stopping() : checkHandshake(request, this.#addresses, random);
    const handshake = new HandshakeRequest(request);
    const ids = eventIds(this.#plane);
    if ('kind' in stage) {
      const trail = this.#trail(request);
      trail?.mark('handshake', shown(request, handshake));
      this.#refuse(request, door, stage, { startedAt, ids, trail, told: {} });
      return;
    }
    const opening: Opening = {
      startedAt,
      ids,
      trail: this.#trail(request, stage),
      told: {},
      request,
      stage,
      handshake,
      apiKey: takeApiKey(handshake, stage),
      asked: this.#facts(request, stage),
    };
    const { trail, apiKey, asked } = opening;
    trail?.hide(apiKey);
    // Only now the API key is out of the query.
    trail?.mark('handshake', shown(request, handshake));
    // What one address does too much is not to use up what all may do.
    const seat = addressLimits.enter(stage, asked.identity.sourceIp);
    if (seat.kind === 'excess') {
      this.#throttle(opening, door, seat);
      return;
    }
    let isOpen = false;
    try {
      isOpen = await this.#connect(opening, door, seat);
    } finally {
      if (!isOpen) seat.release();
    }
  }

  #trail(request: ArrivedHandshake, stage?: CompiledStage): Trail | undefined {
    const { recorder } = this.#plane;
    if (!recorder.isFollowing && !stage?.monitoring.isTraced) return undefined;
    const outlook = stage ? { ...OUTLOOK, apiId: stage.apiId, stage: stage.stageName } : OUTLOOK;
    return recorder.trail(outlook, stage, () => headersByName(request));
  }

  /** From a handshake that is asked about to the connection, or its refusal; whether there is one. */
  async #connect(opening: Opening, door: Door, seat: Seat): Promise<boolean> {
    const { request, stage, asked, trail } = opening;
    const { clock, outbox, stages, throttle, connectionLimits } = this.#plane;
    const { socket, head } = door;
    const excess = throttle.handshake();
    if (excess !== undefined) return this.#throttle(opening, door, excess);
    let decision: Decision;
    try {
      const decided = this.#decide(opening);
      decision = decided instanceof Promise ? await decided : decided;
    } catch (bug) {
      // Such as an API key that cannot be looked up now: nobody is at fault, and nobody is let in.
      if (bug instanceof EngineUnavailable) {
        const refusal = plainRefusal(503, 'store-unavailable', bug.message);
        return this.#refuse(request, door, refusal, opening, asked);
      }
      const ids = { connectionId: asked.connectionId, requestId: opening.ids.requestId };
      const fault = gatewayRefusal(ids, 500, errorMessages.internal, gatewayFault);
      this.#refuse(request, door, fault, opening, asked);
      throw bug;
    }
    const { facts, outcome, pushes, entry } = decision;
    if (outcome.kind === 'refused') return this.#refuse(request, door, outcome, opening, facts);
    if (entry instanceof Error) {
      const reason = `the connection could not be written down: ${entry.message}`;
      const refusal = plainRefusal(503, 'store-unavailable', reason);
      this.#refuse(request, door, refusal, opening, facts);
      // The backend has let it in and has to hear.
      await outbox.end({ facts, ...LOST, isDoubtful: mayBeWritten(entry) });
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
    trail?.mark('reply', { status: 101 });
    this.#record(opening, 200, stage, facts);
    if (!webSocket) {
      // The client left while its backend was asked. The backend has let it in and has to hear.
      await outbox.end({ facts, ...LOST, entry });
      return false;
    }
    const connection = new Connection({
      facts,
      socket: webSocket,
      clock,
      limits: connectionLimits,
      extensions,
    });
    this.#open(connection, { pushes, seat, entry });
    return true;
  }

  /** Asks the authorizer, then the backend; where there is neither, nobody has to wait. */
  #decide(opening: Opening): Decision | Promise<Decision> {
    const admission = admit(this.#plane, opening);
    return admission instanceof Promise
      ? admission.then((answer) => this.#ask(opening, answer))
      : this.#ask(opening, admission);
  }

  #ask(opening: Opening, admission: Admitted | Refusal): Decision | Promise<Decision> {
    if (admission.kind === 'refused') return { facts: opening.asked, outcome: admission };
    const { facts, authorizerMillis, protocol } = admission;
    const owed = this.#plane.outbox.owe(facts, opening.stage);
    if (owed || opening.stage.connectRoute?.integration) {
      return this.#askBackend(opening, admission, owed);
    }
    const answer = runConnectRoute(this.#plane, opening, facts, authorizerMillis) as ConnectOutcome;
    return { facts, outcome: withProtocol(answer, protocol) };
  }

  /** `owed` is written while the backend is asked, so that nobody has to wait for it afterwards. */
  async #askBackend(
    opening: Opening,
    { facts, authorizerMillis, protocol }: Admitted,
    owed: Promise<DirectoryEntry> | undefined,
  ): Promise<Decision> {
    const { hub, outbox } = this.#plane;
    const pushes = opening.stage.extensions.pushDuringConnect ? this.#keepPushes(facts) : undefined;
    let isAccepted = false;
    try {
      const answer = await runConnectRoute(this.#plane, opening, facts, authorizerMillis);
      isAccepted = answer.kind === 'accepted';
      if (!isAccepted) return { facts, outcome: answer };
      const outcome = withProtocol(answer, protocol);
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

  #facts(request: ArrivedHandshake, { apiId, stageName }: CompiledStage): ConnectionFacts {
    const { headers } = request;
    const { ids, clock, clientAddress } = this.#plane;
    const texts = this.#texts;
    const userAgent = headers['user-agent'];
    const clientCert = clientCertificateOf(request);
    const sourceIp = texts.of(clientAddress(request));
    const known =
      userAgent === undefined ? { sourceIp } : { userAgent: texts.of(userAgent), sourceIp };
    return {
      connectionId: ids.next(),
      apiId,
      stageName,
      connectedAt: clock.now(),
      domainName: texts.of(headers.host ?? ''),
      identity: clientCert ? { ...known, clientCert } : known,
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

  #throttle(opening: Opening, door: Door, excess: Excess): false {
    const { request, asked, ids } = opening;
    const { connectionId } = asked;
    const refusal = throttled({ connectionId, requestId: ids.requestId }, excess);
    return this.#refuse(request, door, refusal, opening, asked);
  }

  /** `facts`, and the stage, of a handshake that has reached one. */
  #refuse(
    request: ArrivedHandshake,
    { socket, head, giveBack }: Door,
    refusal: Refusal,
    attempt: Attempt | Opening,
    facts?: ConnectionFacts,
  ): false {
    const { status, headers, body } = refusal;
    // Of what names no stage, nothing that follows is worth waiting for.
    const canStay = facts !== undefined && !this.#isClosed && isReusable(request, head);
    const stream = socket.release().on('error', ignore);
    const reuse = () => giveBack(stream.off('error', ignore));
    writeRefusal(stream, refusal, this.#plane.clock.now(), canStay ? reuse : undefined);
    attempt.trail?.mark('reply', { status, headers, body: Buffer.from(body) });
    const stage = 'stage' in attempt ? attempt.stage : undefined;
    this.#record(attempt, status, stage, facts, refusal);
    return false;
  }

  #record(
    { startedAt, ids, trail, told }: Attempt,
    status: number,
    stage: CompiledStage | undefined,
    facts: ConnectionFacts | undefined,
    refusal?: Refusal,
  ): void {
    const { recorder, clock } = this.#plane;
    const event: LogEvent = {
      kind: 'connect',
      ...(facts && {
        apiId: facts.apiId,
        stage: facts.stageName,
        connectionId: facts.connectionId,
      }),
      requestId: ids.requestId,
      route: '$connect',
      status,
      millis: clock.now() - startedAt,
      ...(refusal && { reason: refusal.reason, rule: refusal.rule }),
    };
    const isRead = facts !== undefined && recorder.reads(event, stage);
    recorder.record({
      event,
      at: startedAt,
      stage,
      message: refusal?.message,
      context: told.context ?? (isRead ? connectContext(this.#plane, facts, ids) : undefined),
      authorizer: told.authorizer,
      integration: told.integration,
      trail,
    });
  }
}

/** The backend's choice counts; where it chooses none, what the client expects for its token. */
function withProtocol(outcome: ConnectOutcome, protocol: string | undefined): ConnectOutcome {
  const isChosen = outcome.kind === 'refused' || outcome.protocol !== undefined;
  return isChosen || protocol === undefined ? outcome : { ...outcome, protocol };
}

function shown({ method = '', url = '' }: ArrivedHandshake, handshake: HandshakeRequest) {
  const { rawHeaders: headers, rawQuery } = handshake;
  const path = pathOf(url);
  return { method, url: rawQuery === '' ? path : `${path}?${rawQuery}`, headers };
}

/** A body would be read as the next request, and bytes that came along with the handshake are lost. */
function isReusable({ httpVersion, headers }: ArrivedHandshake, head: Buffer): boolean {
  const hasBody =
    headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
  const wantsEnd = /\bclose\b/i.test(headers.connection ?? '');
  return httpVersion === '1.1' && head.length === 0 && !hasBody && !wantsEnd;
}
