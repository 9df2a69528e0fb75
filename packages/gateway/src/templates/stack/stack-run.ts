/**
 * One run over a stack: makes, changes and removes resources one by one, writes down each before the
 * next, and can take everything back. A run that dies in the middle leaves a record from which the
 * next one goes on.
 */
import type { Dictionary } from '../../resources/record.ts';
import type { Lookup } from '../cloudformation/deferred.ts';
import { ApplyError, type ControlClient } from '../control-client.ts';
import { carryOut } from './carry-out.ts';
import { type Differences, differencesOf } from './differences.ts';
import { apiTags } from './pinned-api.ts';
import type { ResourceKind } from './resource-kind.ts';
import type { Situation, Wish } from './situation.ts';
import type { StackContext } from './stack-context.ts';
import type { PendingResource, Stack, StackEntry } from './stack-store.ts';
import { isToldByLooks, strayOf, sweep } from './strays.ts';

type Answer = Dictionary<unknown>;

const TAKE_ATTEMPTS_MAX = 20;

export class StackRun {
  readonly #context: StackContext;
  readonly #places: ReadonlyMap<string, string>;
  readonly #undo: (() => Promise<void>)[] = [];
  #entries: readonly StackEntry[] = [];
  #exports: Dictionary<unknown> = {};
  #version = 0;
  #isNew = false;

  /** `places`: how problems call where a resource is written, by logical id. */
  constructor(context: StackContext, places: ReadonlyMap<string, string> = new Map()) {
    this.#context = context;
    this.#places = places;
  }

  /** Reads the record and marks it as being changed; a run that was under way stops at its next step. */
  async begin(): Promise<void> {
    const pending = await this.#take();
    if (pending) await sweep(this.#context, this.#entries, pending);
  }

  /** The other run may write between our look and our mark: then we look again. */
  async #take(attempt = 1): Promise<PendingResource | undefined> {
    const { name, store } = this.#context;
    const stored = await store.read(name);
    this.#entries = stored?.stack.entries ?? [];
    this.#exports = stored?.stack.exports ?? {};
    this.#version = stored?.version ?? 0;
    this.#isNew = stored === undefined;
    const pending = stored?.stack.pending;
    try {
      await this.#save('changing', pending);
    } catch (error) {
      if (!(error instanceof SupersededError) || attempt === TAKE_ATTEMPTS_MAX) throw error;
      return this.#take(attempt + 1);
    }
    return pending;
  }

  get entries(): readonly StackEntry[] {
    return this.#entries;
  }

  readonly lookup: Lookup = ({ logicalId, attribute }) => {
    const entry = this.#entries.find((each) => each.logicalId === logicalId && !each.isReplaced);
    if (!entry) throw new Error(`${logicalId} is used before it is made`);
    return attribute === undefined ? entry.id : entry.attributes[attribute];
  };

  async create(wish: Wish): Promise<void> {
    const { resource, collection, wanted, digest } = wish;
    const { kind, logicalId, isRetained } = resource;
    const client = this.#at(logicalId);
    const body = this.#bodyOf(wish);
    if (isToldByLooks(kind)) await this.#save('changing', { type: kind.type, collection, body });
    const restore = kind.noun === 'Deployment' ? await this.#stageMove(wish) : undefined;
    const { answer, isOurs } = await this.#createOrAdopt(wish, body, client);
    const id = String(answer[kind.id]);
    const entry: StackEntry = {
      logicalId,
      type: kind.type,
      id,
      path: kind.isSingleton ? collection : `${collection}/${encodeURIComponent(id)}`,
      wanted,
      attributes: attributesOf(kind, answer),
      ...(digest !== undefined && { digest }),
      ...(isRetained && { isRetained }),
    };
    const others = this.#entries.filter((each) => each.logicalId !== logicalId || each.isReplaced);
    this.#entries = [...others, entry];
    await this.#save('changing').catch(async (error) => {
      // Another run took over. What it can find by its key it may have adopted already; what it
      // cannot find would stay for ever.
      if (isOurs && kind.key === undefined && kind.noun !== 'Api') await client.remove(entry.path);
      throw error;
    });
    this.#undo.push(async () => {
      await restore?.();
      await this.#removeResource(entry);
      this.#drop(entry);
    });
  }

  async update(situation: Situation): Promise<void> {
    const { resource, entry, actual, differences, wanted, digest } = situation;
    const { kind, logicalId, isRetained } = resource;
    const { attributes, id, path, type } = entry!;
    const rest = {
      ...(digest !== undefined && { digest }),
      ...(isRetained && { isRetained }),
    };
    const fresh: StackEntry = { logicalId, type, id, path, wanted, attributes, ...rest };
    // It may take several calls, and a later one may be refused.
    this.#undo.push(async () => {
      const before = pick(actual!, differences.fields);
      const last = pick(wanted, differences.fields);
      const now = await this.#at(logicalId).get<Answer>(path);
      await this.#carryOut(kind, fresh, differencesOf(kind, { wanted: before, last, actual: now }));
      this.#replaceEntry(fresh, entry!);
    });
    await this.#carryOut(kind, entry!, differences);
    this.#replaceEntry(entry!, fresh);
    await this.#save('changing');
  }

  /** Nothing about it changed, but what its template says may have, or its name in it. */
  async keep({ resource, entry, wanted, actual, digest }: Situation): Promise<void> {
    const { kind, logicalId, isRetained } = resource;
    const { id, path, type } = entry!;
    const fresh: StackEntry = {
      logicalId,
      type,
      id,
      path,
      wanted,
      attributes: attributesOf(kind, actual!),
      ...(digest !== undefined && { digest }),
      ...(isRetained && { isRetained }),
    };
    if (JSON.stringify(fresh) === JSON.stringify(entry)) return;
    this.#replaceEntry(entry!, fresh);
    this.#undo.push(async () => this.#replaceEntry(fresh, entry!));
  }

  /** The new one first, so that others can move over to it; the old one goes at the end. */
  async replace(situation: Situation): Promise<void> {
    const { resource, entry, collection, wanted } = situation;
    const { kind } = resource;
    const isTwin =
      kind.key !== undefined &&
      entry!.path.startsWith(`${collection}/`) &&
      entry!.wanted[kind.key] === wanted[kind.key];
    if (isTwin) {
      await this.#removeForTwin(situation);
    } else {
      const leaving: StackEntry = { ...entry!, isReplaced: true };
      this.#replaceEntry(entry!, leaving);
      this.#undo.push(async () => this.#replaceEntry(leaving, entry!));
    }
    await this.create(situation);
  }

  /** Two of one key cannot be there at once. */
  async #removeForTwin({ entry, resource, collection }: Situation): Promise<void> {
    const client = this.#at(resource.logicalId);
    await client.remove(entry!.path);
    this.#drop(entry!);
    await this.#save('changing');
    this.#undo.push(async () => {
      const answer = await client.create<Answer>(collection, entry!.wanted);
      const id = String(answer[resource.kind.id]);
      const path = `${collection}/${encodeURIComponent(id)}`;
      this.#entries = [...this.#entries, { ...entry!, id, path }];
    });
  }

  /** Cannot be taken back: to be called when everything else is done. */
  async remove(entry: StackEntry): Promise<void> {
    if (!entry.isRetained) await this.#removeResource(entry);
    await this.forget(entry);
  }

  /** It is gone already. */
  async forget(entry: StackEntry): Promise<void> {
    this.#drop(entry);
    await this.#save('changing');
  }

  /** Ends the run. A stack may be there without resources: for its exports, or its functions. */
  async end(exports: Dictionary<unknown>): Promise<void> {
    this.#exports = exports;
    await this.#save('settled');
  }

  /** Ends a run that removed everything: without resources, the stack itself is gone. */
  async vanish(): Promise<void> {
    this.#exports = {};
    if (this.#entries.length > 0) await this.#save('settled');
    else await this.#write(undefined);
  }

  /** Undoes what was done, the last first. Resolves with what could not be undone. */
  async rollBack(): Promise<string[]> {
    const problems: string[] = [];
    for (const undo of this.#undo.reverse()) {
      await undo().catch((error: Error) => problems.push(error.message));
    }
    await (this.#isNew ? this.vanish() : this.#save('settled'));
    return problems;
  }

  async #createOrAdopt(
    wish: Wish,
    body: Answer,
    client: ControlClient,
  ): Promise<{ readonly answer: Answer; readonly isOurs: boolean }> {
    const { resource, collection } = wish;
    const { kind } = resource;
    if (kind.isSingleton) {
      const actual = await client.get<Answer>(collection);
      const { patch } = differencesOf(kind, { wanted: wish.wanted, last: {}, actual });
      if (patch) await client.update(collection, patch);
      return { answer: { ...actual, [kind.id]: kind.noun }, isOurs: false };
    }
    try {
      return { answer: await client.create<Answer>(collection, body), isOurs: true };
    } catch (error) {
      if (!(error instanceof ApplyError) || error.status !== 409) throw error;
      const answer = await strayOf(this.#context, this.#entries, wish, body);
      if (!answer) throw error;
      return { answer: await this.#asWanted(wish, answer), isOurs: true };
    }
  }

  async #asWanted({ resource, collection, wanted }: Wish, actual: Answer): Promise<Answer> {
    const { kind, logicalId } = resource;
    const id = String(actual[kind.id]);
    const path = `${collection}/${encodeURIComponent(id)}`;
    const entry = { logicalId, type: kind.type, id, path, wanted, attributes: {} };
    await this.#carryOut(kind, entry, differencesOf(kind, { wanted, last: {}, actual }));
    return this.#context.client.get<Answer>(path);
  }

  async #removeResource({ type, path, logicalId }: StackEntry): Promise<void> {
    const kind = this.#context.kindOf(type);
    if (kind?.isSingleton) return;
    const client = this.#at(logicalId);
    if (kind?.emptying) {
      const patchOperations = kind.emptying((await client.find<Answer>(path)) ?? {});
      if (patchOperations.length > 0) await client.update(path, { patchOperations });
    }
    await client.remove(path);
  }

  /** A deployment that names a stage moves it; taken back, the stage must move back first. */
  async #stageMove({ parents, wanted }: Wish): Promise<(() => Promise<void>) | undefined> {
    const { stageName } = wanted;
    if (typeof stageName !== 'string') return undefined;
    const { client } = this.#context;
    const path = `/v2/apis/${parents.ApiId}/stages/${encodeURIComponent(stageName)}`;
    const stage = await client.find<Answer>(path);
    return stage && (() => client.update(path, { deploymentId: stage.deploymentId ?? '' }));
  }

  #carryOut(kind: ResourceKind, entry: StackEntry, differences: Differences): Promise<void> {
    const { region } = this.#context;
    return carryOut({ kind, path: entry.path, region }, differences, this.#at(entry.logicalId));
  }

  #bodyOf({ resource, wanted }: Wish): Answer {
    const { kind, logicalId } = resource;
    if (kind.noun !== 'Api') return wanted;
    const tags = apiTags(this.#context.name, logicalId, wanted.tags as Dictionary<string>);
    return { ...wanted, tags };
  }

  #at(logicalId: string): ControlClient {
    return this.#context.client.at(this.#places.get(logicalId) ?? logicalId);
  }

  #drop(entry: StackEntry): void {
    this.#entries = this.#entries.filter((each) => each.path !== entry.path);
  }

  #replaceEntry(entry: StackEntry, fresh: StackEntry): void {
    this.#entries = this.#entries.map((each) => (each.path === entry.path ? fresh : each));
  }

  #save(status: Stack['status'], pending?: PendingResource): Promise<void> {
    return this.#write({
      name: this.#context.name,
      status,
      entries: this.#entries,
      exports: this.#exports,
      ...(pending && { pending }),
    });
  }

  async #write(stack: Stack | undefined): Promise<void> {
    const { name, store } = this.#context;
    const version = await store.write(name, stack, this.#version);
    if (version === undefined) throw new SupersededError(name);
    this.#version = version;
  }
}

/** Somebody else deploys the same stack, and began later: the record is theirs now. */
export class SupersededError extends ApplyError {
  constructor(name: string) {
    super(`Another run over the stack ${name} began; this one stopped where it was.`);
  }
}

function attributesOf(kind: ResourceKind, answer: Answer): Dictionary<unknown> {
  const entries = Object.entries(kind.attributes).map(([name, member]) => [
    name,
    memberOf(answer, member),
  ]);
  return Object.fromEntries(entries);
}

function memberOf(answer: Answer, member: string): unknown {
  return member
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], answer);
}

function pick(values: Answer, names: readonly string[]): Answer {
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(values, name)).map((name) => [name, values[name]]),
  );
}
