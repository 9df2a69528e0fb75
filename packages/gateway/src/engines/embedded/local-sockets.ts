/**
 * The processes that have one data folder open, and a local socket to each. Every process listens on a
 * socket of its own and writes its address into the folder before it looks who else is there, so of two
 * that start at once one always finds the other. Nobody sends heartbeats: the kernel closes the sockets
 * of a process that dies, and refuses whoever calls it afterwards.
 */
import { chmodSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '../../ambient/clock.ts';
import type { Random } from '../../ambient/random.ts';
import type { Bus } from '../bus/bus.ts';
import { encodeFrame } from '../bus/frame.ts';
import { drawIncarnation } from '../bus/incarnation.ts';
import type { DataFolder } from './data-folder.ts';
import { LocalPeer } from './local-peer.ts';
import { takeFrames } from './take-frames.ts';

export interface LocalSocketsOptions {
  readonly clock: Clock;
  readonly random: Random;
}

const FOLDER_PREFIX = 'postern-';
const SOCKET_NAME = 'node.sock';
/** A living process that does not return the greeting by then is stopped or stuck; it counts as alive. */
const HELLO_MILLIS = 1000;

export class LocalSockets {
  readonly #options: LocalSocketsOptions;
  readonly #server: Server;
  /** By incarnation: the socket this node's requests to another one travel on. */
  readonly #peers = new Map<string, LocalPeer>();
  readonly #incoming = new Set<Socket>();
  /** Those found dead, until it is known everywhere here. */
  readonly #burials = new Map<string, Promise<void>>();
  #bus: Bus | undefined;
  #folder: DataFolder | undefined;
  #address = '';

  constructor(options: LocalSocketsOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /**
   * For the bus. Frames for a peer that is still being called wait in its socket. `false` for one that
   * has died comes after the bus was told so: then its requests have ended as gone.
   */
  carry(to: string, frames: Buffer): boolean | Promise<boolean> {
    const isWritten = this.#peers.get(to)?.write(frames) ?? false;
    if (isWritten === true) return true;
    if (isWritten === false) return this.#buried(to);
    return isWritten.then((done) => done || this.#buried(to));
  }

  #buried(incarnation: string): false | Promise<false> {
    return this.#burials.get(incarnation)?.then(() => false) ?? false;
  }

  /** Becomes a member, and resolves once it is known which of the others are alive. */
  async start(bus: Bus, folder: DataFolder): Promise<void> {
    this.#bus = bus;
    this.#folder = folder;
    this.#address = await makeAddress();
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      // Its own also where workers share what they listen on.
      this.#server.listen({ path: this.#address, exclusive: true }, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    if (process.platform !== 'win32') chmodSync(this.#address, 0o600);
    const self = await this.#enroll(folder);
    bus.enter(self);
    folder.refresh();
    const others = [...folder.members.getRange()].filter(({ key }) => key !== self);
    await Promise.all(others.map(({ key, value }) => this.#call(key, value.address)));
  }

  /** Says goodbye: the others need not find out. */
  async stop(): Promise<void> {
    const bus = this.#bus;
    if (!bus) return;
    const folder = this.#folder!;
    const self = bus.self;
    bus.close();
    this.#bus = undefined;
    await Promise.all(this.#burials.values());
    await folder.members.remove(self);
    await Promise.all([...this.#peers.values()].map((peer) => peer.end(encodeFrame('farewell'))));
    this.#peers.clear();
    for (const socket of this.#incoming) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    await removeAddress(this.#address);
  }

  /** Draws numbers until one is nobody's. */
  async #enroll({ members }: DataFolder): Promise<string> {
    for (;;) {
      const incarnation = drawIncarnation(this.#options.random);
      const isOurs = await members.childTransaction(() => {
        if (members.get(incarnation)) return false;
        members.put(incarnation, { address: this.#address });
        return true;
      });
      if (isOurs) return incarnation;
    }
  }

  /** Resolves once the other knows of this node, or is dead, or too busy to say. */
  #call(incarnation: string, address: string): Promise<void> {
    if (this.#peers.has(incarnation)) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(HELLO_MILLIS, () => this.#met(incarnation, resolve));
      const peer = new LocalPeer({
        address,
        clock: this.#options.clock,
        hello: () => encodeFrame('hello', Buffer.from(this.#bus?.self ?? '')),
        isGreeted: () => {
          cancel();
          this.#met(incarnation, resolve);
        },
        receive: (kind, id, bytes, start, end) =>
          this.#bus?.receive(incarnation, kind, id, bytes, start, end),
        isDead: () => {
          cancel();
          resolve(this.#bury(incarnation, address));
        },
      });
      this.#peers.set(incarnation, peer);
    });
  }

  #met(incarnation: string, done: () => void): void {
    if (this.#peers.has(incarnation)) this.#bus?.joined(incarnation);
    done();
  }

  /** Struck off before anybody is told, so that whoever is told finds what it left to be nobody's. */
  #bury(incarnation: string, address: string): Promise<void> {
    this.#peers.delete(incarnation);
    const burial = Promise.all([this.#folder?.members.remove(incarnation), removeAddress(address)])
      // Such as a full disk: it stays enrolled, and the next to start finds it dead once more.
      .catch((error: Error) => process.emitWarning(error))
      .then(() => {
        this.#burials.delete(incarnation);
        this.#bus?.left(incarnation);
      });
    this.#burials.set(incarnation, burial);
    return burial;
  }

  /** Another node, which says who it is and then sends requests. Answers go the way of our own. */
  #accept(socket: Socket): void {
    this.#incoming.add(socket);
    let from: string | undefined;
    const taken = takeFrames(socket, {
      frame: (kind, id, bytes, start, end) => {
        if (kind === 'hello') {
          from = bytes.toString('latin1', start, end);
          this.#greeted(from);
          taken.write(encodeFrame('hello'));
        } else if (kind === 'farewell') this.#peers.get(from ?? '')?.farewell();
        else if (from !== undefined) this.#bus?.receive(from, kind, id, bytes, start, end);
      },
      broken(error) {
        process.emitWarning(error);
        socket.destroy();
      },
      // The other side has died; its own address tells.
      closed: () => void this.#incoming.delete(socket),
    });
  }

  /** Somebody new, or somebody who has called again. */
  #greeted(from: string): void {
    if (!this.#bus || this.#peers.has(from)) return;
    this.#folder?.refresh();
    const member = this.#folder?.members.get(from);
    if (!member) return;
    void this.#call(from, member.address);
    this.#bus.joined(from);
  }
}

/** A folder of its own, which only this user can enter: the data folder's path may be too long. */
async function makeAddress(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), FOLDER_PREFIX));
  return process.platform === 'win32'
    ? join('\\\\.\\pipe', basename(folder))
    : join(folder, SOCKET_NAME);
}

/** Also of a process that died; nothing is removed but what `makeAddress` can have made. */
async function removeAddress(address: string): Promise<void> {
  const folder = dirname(address);
  if (basename(address) !== SOCKET_NAME || !basename(folder).startsWith(FOLDER_PREFIX)) return;
  await rm(folder, { recursive: true, force: true }).catch(() => {});
}
