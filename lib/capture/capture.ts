import { isDeepStrictEqual } from "node:util";
import type { GraphClient } from "#lib/graph/client";
import { GraphError } from "#lib/graph/errors";
import type { GraphObject, GraphPage } from "#lib/graph/shape";
import { findType, foundationKeys } from "#lib/policies/catalog";
import { displayNameOf, storableText } from "#lib/policies/display-name";
import { isGranted } from "#lib/policies/granted";
import { type PolicyType, selects } from "#lib/policies/policy-type";
import { Semaphore } from "#lib/semaphore";
import { type CapturedItem, captureItem, listedStateOf, needsRequests, pathOf } from "./capture-item.ts";
import { isRefusedExpansion } from "./listed.ts";
import { type TypeOutcome, TypeTally, unknownTypeOutcome } from "./type-tally.ts";

export type { CapturedItem } from "./capture-item.ts";
export type { TypeOutcome } from "./type-tally.ts";

/** Where captured items go. */
export interface CaptureSink {
  /** Stores a batch of at most 50 items or a few megabytes. Calls never overlap; a rejection ends the capture. */
  write(items: CapturedItem[]): Promise<void>;
  /** Called after every item: how the type stands. `expected` grows while the list is read. */
  progress(outcome: TypeOutcome): void;
  /**
   * Which of these an earlier attempt of this run has stored, when their list said the same about them.
   * @param states what the list says about each now, by Graph id; see `listedStateOf`
   */
  earlier?(policyType: string, states: ReadonlyMap<string, string>): Promise<ReadonlySet<string>>;
  /** Takes over what an earlier attempt stored. Never overlaps with `write`. */
  reuse?(policyType: string, graphIds: string[]): Promise<void>;
}

export interface CapturePlan {
  policyTypes: readonly string[];
  includeFoundations: boolean;
  /** How many collections are read at the same time; 4 unless told. */
  concurrency?: number;
}

/** Items under way at once: enough to fill eight batches of 20, few enough to bound memory. */
const ITEMS_UNDER_WAY = 160;
const WRITE_ITEMS = 50;
const WRITE_BYTES = 4 * 2 ** 20;

/**
 * Captures all objects of the planned types, and the foundations, streaming page by page.
 * Types that share a collection are listed once. Trouble with one type or item leaves the others alone; only
 * AUTH_CONFIG and TOKEN_EXPIRED stop everything. When no planned type is known, nothing is asked of Graph.
 * @returns one outcome a planned type and foundation, in plan order; each with expected = captured + gone + failed
 * @throws the signal's reason when aborted; what the sink threw
 */
export async function capture(
  client: GraphClient,
  plan: CapturePlan,
  sink: CaptureSink,
  signal: AbortSignal,
): Promise<TypeOutcome[]> {
  signal.throwIfAborted();
  const policyKeys = [...new Set(plan.policyTypes)];
  const known = policyKeys.flatMap((key) => findType(key) ?? []).filter((type) => type.kind === "policy");
  const foundations = plan.includeFoundations ? foundationKeys.flatMap((key) => findType(key) ?? []) : [];
  const types = known.length > 0 ? [...known, ...foundations] : [];
  const engine = new Engine(client, sink, signal);
  await engine.run(types, plan.concurrency ?? 4);
  const outcomes = new Map(engine.outcomes().map((outcome) => [outcome.policy_type, outcome]));
  const unknown = policyKeys.filter((key) => !outcomes.has(key)).map(unknownTypeOutcome);
  for (const outcome of unknown) {
    outcomes.set(outcome.policy_type, outcome);
    sink.progress(outcome);
  }
  const keys = [...policyKeys, ...types.map((type) => type.key)];
  return [...new Set(keys)].flatMap((key) => outcomes.get(key) ?? []);
}

/** One collection, and the types in it that are asked for. */
interface Group {
  first: PolicyType;
  tallies: TypeTally[];
}

/** What was seen of a collection's list, in all of its readings. */
interface Seen {
  ids: Set<string>;
  /** The most objects without an id that one reading had: which is which nobody can tell. */
  nameless: number;
}

/** One reading of a list. */
interface Reading {
  /** How many objects Graph said there are; 0 when it did not say. */
  announced: number;
  /** How many of those listed have no id, or that of another one on their page. */
  passedOver: number;
  nameless: number;
}

class Engine {
  readonly #client: GraphClient;
  readonly #sink: CaptureSink;
  readonly #signal: AbortSignal;
  readonly #tallies: TypeTally[] = [];
  readonly #underWay = new Semaphore(ITEMS_UNDER_WAY);
  readonly #refusedExpansions = new Set<string>();
  /** Listed objects that share their id with another, different one. */
  readonly #ambiguous = new WeakSet<GraphObject>();
  #buffer: CapturedItem[] = [];
  #bufferBytes = 0;
  #writesWaiting = 0;
  /** The last of the sink calls, which run one after the other. */
  #writing: Promise<void> = Promise.resolve();
  /** The connection is refused: what has not been asked for will not be. */
  #refused: GraphError | null = null;
  /** The sink or this program failed: the capture rejects with it. */
  #crash: { error: unknown } | null = null;

  constructor(client: GraphClient, sink: CaptureSink, signal: AbortSignal) {
    this.#client = client;
    this.#sink = sink;
    this.#signal = signal;
  }

  async run(types: readonly PolicyType[], concurrency: number): Promise<void> {
    const waiting = this.#groupsOf(types);
    const work = async () => {
      for (let group = waiting.shift(); group; group = waiting.shift()) {
        if (this.#crash) return;
        await this.#captureGroup(group);
      }
    };
    await Promise.all(Array.from({ length: Math.max(1, concurrency) }, work));
    this.#signal.throwIfAborted();
    if (!this.#crash) await this.#flush();
    if (this.#crash) throw this.#crash.error;
  }

  outcomes(): TypeOutcome[] {
    return this.#tallies.map((tally) => tally.outcome(true));
  }

  #groupsOf(types: readonly PolicyType[]): Group[] {
    const groups = new Map<string, Group>();
    for (const type of types) {
      const tally = new TypeTally(type);
      this.#tallies.push(tally);
      const key = `${type.version} ${type.path}`;
      const group = groups.get(key);
      if (group) group.tallies.push(tally);
      else groups.set(key, { first: type, tallies: [tally] });
    }
    return [...groups.values()];
  }

  /** Never rejects: trouble is noted in the tallies, or as the engine's crash. */
  async #captureGroup(group: Group): Promise<void> {
    const seen: Seen = { ids: new Set(), nameless: 0 };
    const underWay = new Set<Promise<void>>();
    let failure: unknown = null;
    try {
      if (this.#refused) throw this.#refused;
      const listed = ({ passedOver }: Reading) => seen.ids.size + passedOver;
      let reading = await this.#captureList(group, seen, underWay);
      // Something was deleted while the list was read, or the list lost something: reading it again tells.
      if (reading.announced > listed(reading)) reading = await this.#captureList(group, seen, underWay);
      if (reading.announced > listed(reading)) {
        const message = `Graph announced ${reading.announced} objects and listed ${listed(reading)}.`;
        throw new GraphError("INCOMPLETE_CAPTURE", message);
      }
      for (const tally of group.tallies) tally.listed();
    } catch (error) {
      failure = error;
    } finally {
      await Promise.all(underWay);
    }
    if (failure !== null) await this.#noteListingFailure(group, failure);
    for (const tally of group.tallies) this.#sink.progress(tally.outcome(false));
  }

  /** Reads the list once and captures what was not seen before. */
  async #captureList(group: Group, seen: Seen, underWay: Set<Promise<void>>): Promise<Reading> {
    const reading: Reading = { announced: 0, passedOver: 0, nameless: 0 };
    for await (const page of readAhead(this.#list(group.first))) {
      reading.announced = Math.max(reading.announced, page.count ?? 0);
      const fresh = this.#newOf(group.first, page.value, seen, reading);
      for (const tally of group.tallies) {
        const items = fresh.filter((item) => selects(tally.type, item));
        for (const listed of await this.#withoutReused(tally, items)) {
          await this.#underWay.acquire();
          if (this.#signal.aborted || this.#crash) {
            this.#underWay.release();
            throw this.#crash?.error ?? this.#signal.reason;
          }
          const task: Promise<void> = this.#captureListed(tally, listed).finally(() => {
            this.#underWay.release();
            underWay.delete(task);
          });
          underWay.add(task);
        }
      }
    }
    return reading;
  }

  /**
   * What of a page was not seen before. Graph shifts pages while people create and delete: what comes again on another
   * page is the same object. Two of one id on one page are not, unless they are equal: which is which nobody can tell.
   */
  #newOf(type: PolicyType, page: readonly GraphObject[], seen: Seen, reading: Reading): GraphObject[] {
    const here = new Map<string, GraphObject>();
    return page.filter((item) => {
      const id = idIn(type, item);
      if (id === null) {
        reading.passedOver += 1;
        reading.nameless += 1;
        if (reading.nameless <= seen.nameless) return false;
        seen.nameless = reading.nameless;
        return true;
      }
      const twin = here.get(id);
      if (twin) {
        reading.passedOver += 1;
        if (!isDeepStrictEqual(twin, item)) this.#ambiguous.add(twin);
        return false;
      }
      here.set(id, item);
      if (seen.ids.has(id)) return false;
      seen.ids.add(id);
      return true;
    });
  }

  async #noteListingFailure(group: Group, error: unknown): Promise<void> {
    if (this.#signal.aborted) return;
    if (!(error instanceof GraphError)) {
      this.#crash ??= { error };
      return;
    }
    if (error.fatal) this.#refused ??= error;
    for (const tally of group.tallies) {
      const { type } = tally;
      if (error.status !== null && type.absentOn.includes(error.status) && !tally.begun) tally.listed();
      else tally.listingFailed(await this.#explained(error, type));
    }
  }

  /** A refusal with what the token knows of it: a permission that it has cannot be what is missing. */
  async #explained(error: GraphError, type: PolicyType): Promise<GraphError> {
    const refused = error.code === "PERMISSION_MISSING" || error.code === "TYPE_UNAVAILABLE";
    if (!refused || error.status === null) return error;
    const roles = await this.#client.roles().catch(() => null);
    if (!roles || !isGranted(type, roles)) return error;
    if (type.license && type.unlicensedOn.includes(error.status)) {
      return new GraphError("LICENSE_MISSING", error.message, {
        status: error.status,
        requestId: error.requestId,
      });
    }
    if (error.code !== "PERMISSION_MISSING") return error;
    return new GraphError("PERMISSION_MISSING", error.message, {
      status: error.status,
      requestId: error.requestId,
      permission: type.permission,
      granted: true,
    });
  }

  async *#list(type: PolicyType): AsyncGenerator<GraphPage> {
    const path = pathOf(this.#client, type);
    if (type.single) {
      const object = await this.#client.get(path, type.version);
      yield { value: [object], nextLink: null, count: null };
      return;
    }
    const address = (expansion: string | null) => {
      const query = [type.listQuery, expansion && `$expand=${expansion}`].filter((part) => part !== null);
      return query.length > 0 ? `${path}?${query.join("&")}` : path;
    };
    if (type.listExpand) {
      let begun = false;
      try {
        for await (const page of this.#client.pages(address(type.listExpand), type.version)) {
          begun = true;
          yield page;
        }
        return;
      } catch (error) {
        // Graph refuses some expansions in some tenants: the children are then read one by one.
        if (begun || !isRefusedExpansion(error)) throw error;
      }
    }
    yield* this.#client.pages(address(null), type.version);
  }

  /** Counts the items as found, takes over what an earlier attempt captured unchanged, and returns the rest. */
  async #withoutReused(tally: TypeTally, items: GraphObject[]): Promise<GraphObject[]> {
    for (const _ of items) tally.found();
    const { type } = tally;
    const { earlier, reuse } = this.#sink;
    if (!earlier || !reuse) return items;
    const states = new Map<string, string>();
    for (const item of items) {
      const id = idIn(type, item);
      const state = listedStateOf(type, item);
      if (id !== null && state !== null && needsRequests(type, item)) states.set(id, state);
    }
    if (states.size === 0) return items;
    const unchanged = await earlier.call(this.#sink, type.key, states);
    if (unchanged.size === 0) return items;
    await this.#inTurn(() => reuse.call(this.#sink, type.key, [...unchanged]));
    tally.captured(unchanged.size);
    this.#sink.progress(tally.outcome(false));
    return items.filter((item) => !unchanged.has(String(idIn(type, item))));
  }

  /** Never rejects. */
  async #captureListed(tally: TypeTally, listed: GraphObject): Promise<void> {
    const { type } = tally;
    const id = idIn(type, listed) ?? (type.single ? type.key : null);
    try {
      if (this.#ambiguous.has(listed)) {
        throw new GraphError("INCOMPLETE_CAPTURE", "Graph listed two different objects with this id.");
      }
      if (id === null) throw new GraphError("INCOMPLETE_CAPTURE", "Graph listed an object without an id.");
      if (this.#refused) throw this.#refused;
      if (tally.denied) throw new GraphError("PERMISSION_MISSING", "Graph refuses this type.");
      const item = await captureItem(this.#client, type, listed, id, this.#refusedExpansions);
      if (item) {
        await this.#put(item);
        tally.captured();
      } else {
        tally.gone();
      }
    } catch (error) {
      if (this.#signal.aborted) return;
      if (!(error instanceof GraphError)) {
        this.#crash ??= { error };
        return;
      }
      if (error.fatal) this.#refused ??= error;
      tally.failed(await this.#explained(error, type), id, displayNameOf(listed, "") || null);
    }
    this.#sink.progress(tally.outcome(false));
  }

  /** Waits when the sink is behind: memory stays bounded however slow it is. */
  async #put(item: CapturedItem): Promise<void> {
    while (this.#writesWaiting > 1) await this.#writing;
    this.#buffer.push(item);
    this.#bufferBytes += item.document.byteLength;
    if (this.#buffer.length >= WRITE_ITEMS || this.#bufferBytes >= WRITE_BYTES) await this.#flush();
  }

  #flush(): Promise<void> {
    const items = this.#buffer;
    if (items.length === 0) return this.#writing;
    this.#buffer = [];
    this.#bufferBytes = 0;
    this.#writesWaiting += 1;
    return this.#inTurn(async () => {
      try {
        await this.#sink.write(items);
      } finally {
        this.#writesWaiting -= 1;
      }
    });
  }

  /** Runs sink calls one after the other; after a failed one none follows. */
  #inTurn(action: () => Promise<void>): Promise<void> {
    const turn = this.#writing.then(action);
    this.#writing = turn;
    turn.catch((error: unknown) => {
      this.#crash ??= { error };
    });
    return turn;
  }
}

/** The item's id; null when it has none that can be kept. */
function idIn(type: PolicyType, item: GraphObject): string | null {
  const id = item[type.idProperty];
  return typeof id === "string" && id !== "" && storableText(id) === id ? id : null;
}

/** Fetches the next page while this one is being worked on. */
async function* readAhead<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (;;) {
      const result = await next;
      if (result.done) return;
      next = iterator.next();
      // Its failure is met when its turn comes; until then it is not unhandled.
      next.catch(() => undefined);
      yield result.value;
    }
  } finally {
    await next.catch(() => undefined);
  }
}
