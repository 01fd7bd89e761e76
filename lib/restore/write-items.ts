import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { captureOne } from "#lib/capture/capture-item";
import { diffDocuments } from "#lib/compare/document-diff";
import { restoreItemFields } from "#lib/connection/write-credential";
import type { RestoreItem as ItemRow } from "#lib/db/generated/client";
import type { GraphClient } from "#lib/graph/client";
import { GraphError } from "#lib/graph/errors";
import { readExactly, writeExactly } from "#lib/graph/exact-number";
import {
  ApprovalNotAsked,
  ApprovalWanted,
  type GraphWriter,
  type GraphWritten,
  WriteUncertain,
} from "#lib/graph/writer";
import { approvalDays } from "#lib/limits";
import { selects } from "#lib/policies/policy-type";
import { writingOf } from "#lib/policies/write";
import { stages } from "#lib/policies/write/write-rule";
import { openCredential } from "#lib/sealed-credential";
import { Semaphore } from "#lib/semaphore";
import { comparable } from "./content.ts";
import { type Document, isDocument, same } from "./document.ts";
import type { ItemNote, Sent, WaitingWrite } from "./execution-steps.ts";
import { decisionKey, kindsOf } from "./mapping.ts";
import { couldBe } from "./match.ts";
import { mayComeBack } from "./offers.ts";
import { inOrder, type OrderedRequest } from "./order.ts";
import type { ItemPlan, WriteRequest } from "./plan.ts";
import { type PlanContext, type PlannableItem, planOne, resolverOf } from "./plan-all.ts";
import { withNewId, withPrefix } from "./plan-item.ts";
import type { RestoreErrorCode } from "./schema.ts";
import { blankSecrets } from "./secrets.ts";
import { unknownSetting } from "./spellings.ts";

/** Where the worker notes what it does, before and after it does it. Both wait for the database. */
export interface Journal {
  note(itemId: number, note: ItemNote): Promise<{ stop: boolean; mayWrite: boolean; isNoted: boolean }>;
  /** Ids of a type's objects before the restore wrote. */
  idsBefore(policyType: string): Promise<ReadonlySet<string>>;
}

export interface RestoreWork {
  items: readonly { row: ItemRow; item: PlannableItem }[];
  context: PlanContext;
  /** The item that alone is written; null: all of them. */
  only: number | null;
  /** Items whose live policy is another than when it was planned, or appeared or went since. */
  changed: ReadonlySet<number>;
  /** Somebody has asked to stop: what is not begun stays so. */
  stop: boolean;
  /** Why, for Intune's approvals. */
  reason: string;
  tenantId: number;
  client: GraphClient;
  writer: GraphWriter;
  journal: Journal;
  signal: AbortSignal;
  /** How long Graph may hide what was just made; milliseconds. */
  settleMs: number;
}

/** Nothing more can be written at all. */
export class WritingEnds extends Error {
  readonly code: RestoreErrorCode;

  constructor(code: RestoreErrorCode, message: string) {
    super(message);
    this.name = "WritingEnds";
    this.code = code;
  }
}

/** What ends the writing of one item, and of no other. */
class ItemEnds extends Error {
  readonly code: RestoreErrorCode;
  readonly state: "failed" | "blocked";

  constructor(code: RestoreErrorCode, message: string, state: "failed" | "blocked" = "failed") {
    super(message);
    this.code = code;
    this.state = state;
  }
}

/** The item waits for somebody's approval in Intune. */
class ItemWaits extends Error {}

/** The item is not begun: somebody has asked to stop. */
class ItemStays extends Error {}

/** An item under way: its row as this worker has left it. */
interface Work {
  item: PlannableItem;
  row: ItemRow;
  /** The live policy as this worker has read it before it wrote; undefined: it has not. */
  live?: Document | null;
}

const lookAgainMs = 1_000;
/** How often a request that makes or adds something is sent while its answers are lost, and nothing came of it. */
const mostTries = 5;
/** How long a list of a type is good enough to say that nobody has made a policy of some name. */
const listedMs = 30_000;

/** Writes the items of a restore in their order, each step noted before and after. */
export class RestoreWriter {
  readonly #work: RestoreWork;
  readonly #items: Work[];
  /** Those that it writes; others are only known of. */
  readonly #mine: readonly Work[];
  readonly #made = new Map<string, string | null>();
  readonly #before = new Map<string, ReadonlySet<string>>();
  /** When this restore has made what. */
  readonly #madeAt = new Map<string, number>();
  /** What Graph listed as new of the type whose turn it is, and when. */
  #listed: { type: string; at: number; objects: readonly Document[] } | null = null;
  readonly #refused = new Set<string>();
  /** Until when it waits for what Graph does not assign yet: once for all of it. */
  #assignableUntil: number | null = null;
  readonly #lanes = new Semaphore(4);
  #stop: boolean;

  constructor(work: RestoreWork) {
    this.#work = work;
    this.#stop = work.stop;
    this.#items = work.items.map(({ row, item }) => ({ row: { ...row }, item }));
    this.#mine = this.#items.filter(({ row }) => work.only === null || row.id === work.only);
    for (const each of this.#items) this.#noteMade(each);
    for (const { row } of this.#items)
      if (row.is_created && row.target_id !== null) this.#madeAt.set(row.target_id, row.changed_at.getTime());
  }

  /**
   * Writes all that is to be written. What was begun is finished, also when somebody stops it.
   * @throws WritingEnds; RestoreLost; the signal's reason
   */
  async writeAll(): Promise<"ended" | "stopped" | "waiting"> {
    for (const each of this.#mine) await this.#askForApproval(each);
    await this.#writeObjects();
    const objectsToCome = this.#mine.some(
      ({ row: { state, phase } }) =>
        (state === "pending" && !this.#stop) ||
        ((state === "writing" || state === "waiting_for_approval") && phase === "object"),
    );
    if (!objectsToCome) await this.#writeRest();
    await this.#check();
    const isWaiting = ({ row }: Work) => row.state === "waiting_for_approval";
    if (!this.#stop && this.#mine.some(isWaiting)) return "waiting";
    return this.#items.some((work) => isOpen(work.row) || isWaiting(work)) ? "stopped" : "ended";
  }

  /** What others refer to when they refer to this item. */
  #noteMade({ item, row }: Work): void {
    if (item.isSkipped || item.mode.kind === "copy") return;
    const keys = kindsOf(item.type.key).map((kind) => decisionKey(kind, row.graph_id));
    const lost = row.state === "failed" || row.state === "blocked";
    const id = row.target_id ?? row.live_graph_id;
    for (const key of keys) {
      if (id !== null) this.#made.set(key, id);
      else if (row.outcome === "create" && !lost) this.#made.set(key, null);
      else this.#made.delete(key);
    }
  }

  async #note(work: Work, note: ItemNote): Promise<void> {
    const { stop, mayWrite, isNoted } = await this.#work.journal.note(work.row.id, note);
    this.#stop = stop;
    if (!isNoted) throw new ItemStays();
    const { row } = work;
    if (note.state !== undefined) row.state = note.state;
    if (note.phase !== undefined) row.phase = note.phase;
    if (note.target_id !== undefined) row.target_id = note.target_id;
    if (note.is_created !== undefined) row.is_created = note.is_created;
    if (note.sent !== undefined) row.sent = note.sent && { ...note.sent };
    this.#noteMade(work);
    if (!mayWrite && note.sent?.answered_at === null)
      throw new WritingEnds(
        "WRITE_CONNECTION_EXPIRED",
        "The connection for writing was removed, or its time is over. Save one, and resume.",
      );
  }

  /** Does one item's part; what ends only the item is noted with it. */
  async #guarded(work: Work, part: () => Promise<void>): Promise<void> {
    try {
      await part();
    } catch (error) {
      if (error instanceof ItemWaits || error instanceof ItemStays) return;
      const ends = endOf(error);
      if (ends === null) throw error;
      const sent = ends.code === "CHANGED_SINCE_PLAN" ? null : await this.#sentAsLeft(work);
      await this.#note(work, {
        state: ends.state,
        error: { code: ends.code, message: ends.message },
        ...(sent && { sent }),
      });
    }
  }

  /** What was sent of an item that ends half-way, with what its policy is like now; null: nothing is known of one. */
  async #sentAsLeft(work: Work): Promise<Sent | null> {
    const { item, row } = work;
    const sent = row.sent as unknown as Sent | null;
    const id = row.target_id ?? (item.mode.kind === "copy" ? null : row.live_graph_id);
    if (sent === null || id === null) return null;
    try {
      const captured = await captureOne(this.#work.client, item.type, id, this.#refused);
      if (!captured) return null;
      const live = readExactly(new TextDecoder().decode(captured.document)) as Document;
      return { ...sent, left_sha256: fingerprint(item, live) };
    } catch (error) {
      // Nobody can look: it is as before, and goes on unlooked at.
      if (error instanceof GraphError) return null;
      throw error;
    }
  }

  /**
   * Whoever resumes a restore days later has what was begun looked at as well as the rest.
   * @throws ItemEnds when somebody changed the policy since it was left half-way
   */
  #requireAsLeft({ item, row }: Work, live: Document | null): void {
    const sent = row.sent as unknown as Sent | null;
    if (sent?.left_sha256 === undefined || row.later_taken_at !== null || live === null) return;
    if (fingerprint(item, live) === sent.left_sha256) return;
    throw new ItemEnds(
      "CHANGED_SINCE_PLAN",
      "Somebody changed the live policy since it was left half-way: plan another restore of it.",
    );
  }

  async #writeObjects(): Promise<void> {
    const rank = ({ item }: Work) => {
      const rule = writingOf(item.type.key);
      return "cannot" in rule ? 0 : stages.indexOf(rule.stage);
    };
    let todo = this.#mine
      .filter(({ row }) => isOpen(row) && row.phase !== "rest" && row.phase !== "check")
      .toSorted((a, b) => rank(a) - rank(b));
    // What refers to others of its own stage waits until they are there.
    for (;;) {
      const postponed: Work[] = [];
      for (const work of todo) {
        if (this.#stop && work.row.state === "pending") continue;
        await this.#guarded(work, async () => {
          if ((await this.#writeObject(work)) === "postponed") postponed.push(work);
        });
      }
      if (postponed.length === 0) return;
      if (postponed.length === todo.length) {
        const waits = this.#mine.some(({ row }) => row.state === "waiting_for_approval");
        if (waits || this.#stop) return;
        for (const work of postponed)
          await this.#note(work, {
            state: "blocked",
            error: {
              code: "REFERENCE_BLOCKED",
              message: "It refers to policies that refer to it, or are not there.",
            },
          });
        return;
      }
      todo = postponed;
    }
  }

  async #writeObject(work: Work): Promise<"written" | "postponed"> {
    const { item, row } = work;
    const begun = row.sent !== null;
    await this.#findLostCreation(work);
    await this.#awaitLostAddition(work);
    const live = await this.#readLive(work);
    if (!begun && row.later_taken_at === null) this.#requireUnchanged(work, live);
    if (live === null && item.mode.kind !== "copy" && row.live_graph_id !== null)
      throw new ItemEnds("CHANGED_SINCE_PLAN", "The live policy is not there any more: plan anew.");
    this.#requireAsLeft(work, live);
    work.live = live;
    const plan = this.#plan(work, live);
    if (row.later_taken_at !== null && !onlyEnables(plan))
      throw new ItemEnds(
        "CHANGED_SINCE_PLAN",
        "The policy was changed since it was restored: it is not enabled.",
      );
    if (!("requests" in plan)) throw blockedBy(plan);
    const own = plan.requests.filter((request) => this.#isOwn(work, request));
    const waitsFor = plan.pending.map(({ id }) => id);
    const bodies = own.map(({ body }) => JSON.stringify(body));
    if (waitsFor.some((id) => bodies.some((body) => body.includes(JSON.stringify(id))))) return "postponed";
    if (!begun && own.some(({ creates }) => creates)) await this.#requireNoneMade(work);
    const back = own.find(({ bringsBack }) => bringsBack !== undefined);
    // It came back as it was deleted: what the backup has otherwise is written to it.
    if (back && (await this.#bringBack(work, back))) return this.#writeObject(work);
    for (const request of own.filter((one) => one !== back))
      await this.#send(work, request, "object", request === own.at(-1) ? this.#restOf(work) : {});
    if (row.phase !== "rest") await this.#note(work, { state: "writing", ...this.#restOf(work) });
    return "written";
  }

  /**
   * Has Graph bring back what was deleted, unless it would come back in a state that the plan does not know of.
   * @returns whether it did; where it does not, as it may not for an application, another one is made
   */
  async #bringBack(work: Work, request: WriteRequest): Promise<boolean> {
    const rule = writingOf(work.item.type.key);
    const { bringsBack } = request;
    if ("cannot" in rule || rule.deleted === null || bringsBack === undefined) return false;
    const { path, only } = rule.deleted;
    try {
      const deleted = await reading(() =>
        this.#work.client.entityOrNone(`${path}/${encodeURIComponent(bringsBack)}`, "beta"),
      );
      // Somebody may have brought it back, switched it on and deleted it again since it was planned.
      if (deleted === null || !mayComeBack(only, deleted)) return false;
      await this.#send(work, request, "object");
      return true;
    } catch (error) {
      if (isRefused(error) && !(error instanceof GraphError && error.fatal)) return false;
      throw error;
    }
  }

  /** What is noted when the object itself is written. */
  #restOf({ item, row }: Work): ItemNote {
    const target_id = row.target_id ?? row.live_graph_id ?? (item.type.single ? item.type.key : null);
    return { phase: "rest", error: null, ...(target_id !== null && { target_id }) };
  }

  /** Whether a request belongs to the item itself, and not to what only works once all items are there. */
  #isOwn({ item }: Work, request: WriteRequest): boolean {
    const rule = writingOf(item.type.key);
    return !("cannot" in rule) && stages.indexOf(request.stage) <= stages.indexOf(rule.stage);
  }

  /** @throws ItemEnds when the live policy is another than when it was planned */
  #requireUnchanged({ item, row }: Work, live: Document | null): void {
    const rule = writingOf(item.type.key);
    if ("cannot" in rule || item.mode.kind === "copy") return;
    const was = item.live;
    const same =
      was === null || live === null
        ? was === live
        : diffDocuments(comparable(was, item.type, rule), comparable(live, item.type, rule)).length === 0;
    if (same && !this.#work.changed.has(row.id)) return;
    throw new ItemEnds(
      "CHANGED_SINCE_PLAN",
      "The live policy is not as it was when this was planned: plan anew to see what would be done now.",
    );
  }

  /** @throws ItemEnds when somebody made the policy since the restore began: another one would be of the same name */
  async #requireNoneMade(work: Work): Promise<void> {
    if (work.item.mode.kind === "copy") return;
    const { type } = work.item;
    // One list serves the items of a type for a while: each would cost the tenant's budget as much again.
    if (this.#listed?.type !== type.key || Date.now() - this.#listed.at >= listedMs)
      this.#listed = { type: type.key, at: Date.now(), objects: await this.#listNew(type) };
    if (this.#candidatesIn(this.#listed.objects, work).length === 0) return;
    throw new ItemEnds(
      "CHANGED_SINCE_PLAN",
      "Somebody made a policy of this name since this was planned: plan anew to see what would be done now.",
    );
  }

  #plan({ item, row }: Work, live: Document | null): ItemPlan {
    const resolve = resolverOf(this.#work.context, this.#made);
    if (!row.is_created || live === null) return planOne({ ...item, live }, this.#work.context, resolve);
    return planOne(
      { ...item, backup: this.#wanted(item, row), live, match: "found", mode: { kind: "inPlace" } },
      this.#work.context,
      resolve,
    );
  }

  /** What a created policy shall be: under its copy's name, and not enabled before a person enables it by name. */
  #wanted(item: PlannableItem, row: ItemRow): Document {
    const named = withPrefix(item.backup, item);
    const held =
      item.type.key === "conditionalAccessPolicy" && named.state === "enabled" && row.later_taken_at === null;
    return held ? { ...named, state: "enabledForReportingButNotEnforced" } : named;
  }

  /** The policy that the item is written to, as it is now; null where it is still to be made. */
  async #readLive({ item, row }: Work): Promise<Document | null> {
    const { type, mode } = item;
    const id = row.target_id ?? (mode.kind === "copy" ? null : row.live_graph_id);
    if (id === null) return null;
    const until = Date.now() + (row.is_created ? this.#work.settleMs : 0);
    for (;;) {
      const captured = await reading(() => captureOne(this.#work.client, type, id, this.#refused));
      if (captured) return readExactly(new TextDecoder().decode(captured.document)) as Document;
      if (Date.now() >= until) {
        if (row.is_created)
          throw new ItemEnds("NOT_READ_BACK", "What was made cannot be read back from Graph.");
        return null;
      }
      await delay(Math.min(lookAgainMs, this.#work.settleMs), undefined, { signal: this.#work.signal });
    }
  }

  /** After a crash: what was sent to make the object may have made it. */
  async #findLostCreation(work: Work): Promise<void> {
    const sent = work.row.sent as unknown as Sent | null;
    if (!sent?.creates || sent.answered_at !== null || work.row.target_id !== null) return;
    await this.#takeMade(work, Date.parse(sent.at));
  }

  /** Looks for what a lost request has made, as long as Graph may hide it. @returns whether there is something */
  async #takeMade(work: Work, sentAt: number): Promise<boolean> {
    for (;;) {
      const [one, ...others] = await this.#candidates(work);
      if (others.length > 0)
        throw new ItemEnds(
          "CREATE_UNCERTAIN",
          "The answer to its creation was lost, and several new policies could be it: look at them by hand.",
        );
      if (one !== undefined) {
        this.#madeAt.set(one, Date.now());
        await this.#note(work, { target_id: one, is_created: true, state: "writing", phase: "object" });
        return true;
      }
      const left = sentAt + this.#work.settleMs - Date.now();
      if (left <= 0) return false;
      await delay(Math.min(lookAgainMs, left), undefined, { signal: this.#work.signal });
    }
  }

  /** After a crash: what was sent to add to the object may have done it, though Graph hides it for a while. */
  async #awaitLostAddition(work: Work): Promise<void> {
    const sent = work.row.sent as unknown as Sent | null;
    if (!sent?.adds || sent.answered_at !== null) return;
    await this.#isAdded(
      work,
      Date.parse(sent.at),
      ({ method, path }) => method === sent.method && path === sent.path,
    );
  }

  /**
   * Looks at what a lost request was to add to, as long as Graph may hide that it has.
   * @param isIt whether a request that is still to be sent is that one
   */
  async #isAdded(work: Work, sentAt: number, isIt: (request: WriteRequest) => boolean): Promise<boolean> {
    for (;;) {
      const live = await this.#readLive(work);
      work.live = live;
      const plan = this.#plan(work, live);
      if (!("requests" in plan)) throw blockedBy(plan);
      if (!plan.requests.some((request) => isIt(this.#addressed(work, request)))) return true;
      const left = sentAt + this.#work.settleMs - Date.now();
      if (left <= 0) return false;
      await delay(Math.min(lookAgainMs, left), undefined, { signal: this.#work.signal });
    }
  }

  /** A request with the id of what it writes to. */
  #addressed({ row }: Work, request: WriteRequest): WriteRequest {
    return withNewId(request, row.target_id ?? row.live_graph_id ?? "");
  }

  /** New objects of the item's type that could be it, and are no other item's. */
  async #candidates(work: Work): Promise<string[]> {
    return this.#candidatesIn(await this.#listNew(work.item.type), work);
  }

  #candidatesIn(objects: readonly Document[], { item }: Work): string[] {
    const { type } = item;
    const rule = writingOf(type.key);
    const taken = new Set(this.#items.map(({ row }) => row.target_id));
    const wanted = withPrefix(item.backup, item);
    // What was deleted comes back under its own id, whatever it was called then.
    const comesBack = !("cannot" in rule) && rule.deleted !== null && item.mode.kind !== "copy";
    const ownId = comesBack ? wanted[type.idProperty] : null;
    return objects.flatMap((object) => {
      const id = object[type.idProperty];
      if (typeof id !== "string" || taken.has(id)) return [];
      return id === ownId || couldBe(type, object, wanted) ? [id] : [];
    });
  }

  /** What Graph lists of a type that was not there before the restore wrote: of all others, nothing is kept. */
  async #listNew(type: PlannableItem["type"]): Promise<Document[]> {
    const before = await this.#idsBefore(type.key);
    const isNew = (id: unknown) => typeof id === "string" && !before.has(id);
    const path = type.listQuery ? `${type.path}?${type.listQuery}` : type.path;
    const objects: Document[] = [];
    await reading(async () => {
      for await (const page of this.#work.client.pages(path, type.version))
        objects.push(
          ...page.value.filter((object) => isNew(object[type.idProperty]) && selects(type, object)),
        );
    });
    return objects;
  }

  async #idsBefore(policyType: string): Promise<ReadonlySet<string>> {
    const known = this.#before.get(policyType) ?? (await this.#work.journal.idsBefore(policyType));
    this.#before.set(policyType, known);
    return known;
  }

  /** @param then what is noted beside its answer */
  async #send(
    work: Work,
    request: WriteRequest,
    phase: "object" | "rest",
    then: ItemNote = {},
  ): Promise<void> {
    const { method, version, path, body, creates, adds, bringsBack } = this.#addressed(work, request);
    const kind = { creates, ...(adds && { adds }) };
    const write = { method, version, path, body: writeExactly(body), ...kind };
    const sent: Sent = { method, path, ...kind, at: new Date().toISOString(), answered_at: null };
    const answered = () => ({ ...sent, answered_at: new Date().toISOString() });
    const isFirst = work.row.sent === null;
    await this.#note(work, { state: "writing", phase, sent });
    for (let lost = 0; ; ) {
      try {
        await this.#answered(work, sent, await this.#write(write), then, bringsBack);
        return;
      } catch (error) {
        if (error instanceof ApprovalWanted) {
          await this.#note(work, {
            state: "waiting_for_approval",
            sent: answered(),
            approval: { ...write, code: error.code, ...(isFirst && lost === 0 && { first: true as const }) },
            ...(error.requestId !== null && { request_id: error.requestId }),
          });
          throw new ItemWaits();
        }
        if (!(error instanceof WriteUncertain)) {
          if (await this.#isTooSoon(work, error, phase, write)) {
            sent.at = new Date().toISOString();
            await this.#note(work, { sent });
            continue;
          }
          // Nothing of it was done: who resumes the restore has it looked at like one that was not begun.
          if (isFirst && lost === 0 && isRefused(error)) await this.#note(work, { sent: null });
          throw inWords(error, body);
        }
        lost += 1;
        const sentAt = Date.parse(sent.at);
        if (creates && (await this.#takeMade(work, sentAt))) return;
        const isIt = (other: WriteRequest) =>
          other.method === method && other.path === path && same(other.body, body);
        if (!creates && (await this.#isAdded(work, sentAt, isIt)))
          return this.#note(work, { state: "writing", sent: answered(), ...then });
        if (lost >= mostTries) throw new ItemEnds("GRAPH_UNAVAILABLE", error.message);
        sent.at = new Date().toISOString();
        await this.#note(work, { sent });
      }
    }
  }

  /**
   * Whether Graph refuses a request that names what this restore has just made: it may not know of it everywhere yet. Waits a
   * moment then, as long as Graph may hide what is new.
   */
  async #isTooSoon(
    { row }: Work,
    error: unknown,
    phase: "object" | "rest",
    { path, body }: { path: string; body: string },
  ): Promise<boolean> {
    if (!(error instanceof GraphError) || error.fatal || error.code === "LICENSE_MISSING") return false;
    if (error instanceof ApprovalNotAsked) return false;
    const { status } = error;
    if (status !== 400 && status !== 404 && status !== 409) return false;
    const isNamed = (id: string) =>
      id === row.target_id
        ? path.includes(encodeURIComponent(id)) && (phase === "rest" || status === 404)
        : body.includes(JSON.stringify(id)) || body.includes(`('${id}')`);
    const named = [...this.#madeAt].flatMap(([id, at]) => (isNamed(id) ? [at] : []));
    const left = Math.max(0, ...named) + this.#work.settleMs - Date.now();
    if (left <= 0) return false;
    await delay(Math.min(lookAgainMs, left), undefined, { signal: this.#work.signal });
    return true;
  }

  /**
   * Waits until Graph assigns the object, where it does so only some time after it was made.
   * @throws ItemEnds when that does not come
   */
  async #awaitAssignable({ item: { type }, row }: Work, request: WriteRequest): Promise<void> {
    const once = assignedOnce(type.key, request);
    const id = row.target_id ?? row.live_graph_id;
    if (once === null || id === null) return;
    this.#assignableUntil ??= Date.now() + this.#work.settleMs;
    const path = `${type.path}/${encodeURIComponent(id)}?$select=id,${once.property}`;
    for (let wasSeen = false; ; ) {
      const now = await reading(() => this.#work.client.entityOrNone(path, type.version));
      const value = now?.[once.property];
      if (value === once.is) return;
      // One that is new may be hidden for a while; one that was seen is gone.
      if (now === null && (wasSeen || Date.now() >= this.#assignableUntil))
        throw new ItemEnds("NOT_READ_BACK", "It was not assigned: Graph says that it is not there any more.");
      wasSeen ||= now !== null;
      if (Date.now() >= this.#assignableUntil) {
        const done = row.is_created ? "It was created, but not assigned" : "It was not assigned";
        const said = typeof value === "string" ? `it says ${value}` : "it does not say how far it is";
        throw new ItemEnds(
          "NOT_PUBLISHED",
          `${done}: ${once.otherwise}; ${said}. Resume the restore once it has.`,
        );
      }
      await delay(Math.min(lookAgainMs, this.#work.settleMs), undefined, { signal: this.#work.signal });
    }
  }

  #write(write: Omit<WaitingWrite, "code"> & { code?: string }): Promise<GraphWritten> {
    const { creates, adds, code, first: _, ...rest } = write;
    return this.#work.writer.send({
      ...rest,
      justification: this.#work.reason,
      // Intune takes an approval once.
      makesSomething: creates || adds === true || code !== undefined,
      ...(code !== undefined && { approvalCode: code }),
    });
  }

  async #answered(
    work: Work,
    sent: Sent,
    { body, requestId }: GraphWritten,
    then: ItemNote = {},
    knownId?: string,
  ): Promise<void> {
    const made = isDocument(body) && typeof body.id === "string" ? body.id : (knownId ?? null);
    const id = sent.creates ? made : null;
    if (sent.creates && id === null)
      throw new ItemEnds("CREATE_UNCERTAIN", "Graph made it, and did not say under which id.");
    if (id !== null) this.#madeAt.set(id, Date.now());
    await this.#note(work, {
      state: "writing",
      sent: { ...sent, answered_at: new Date().toISOString() },
      ...(requestId !== null && { request_id: requestId }),
      ...then,
      ...(id !== null && { target_id: id, is_created: true }),
    });
  }

  #openApproval(sealed: Uint8Array): WaitingWrite | null {
    try {
      return JSON.parse(
        openCredential(sealed, this.#work.tenantId, restoreItemFields.approval),
      ) as WaitingWrite;
    } catch {
      return null;
    }
  }

  /** Sends what waits for approval again, byte for byte. */
  async #askForApproval(work: Work): Promise<void> {
    const { row } = work;
    if (row.state !== "waiting_for_approval" || row.approval_ciphertext === null) return;
    const last = row.sent as unknown as Sent | null;
    // It was sent with its code, and the answer is lost: what is left to do shows in the live policy.
    if (last?.answered_at === null) {
      await this.#guarded(work, async () => {
        if (last.creates) await this.#takeMade(work, Date.parse(last.at));
        await this.#note(work, { state: "writing" });
      });
      return;
    }
    const waiting = this.#openApproval(row.approval_ciphertext);
    // Sealed with a key that is not here: it is worked out and sent anew, and asks for an approval of its own.
    if (waiting === null) return this.#note(work, { state: "writing" });
    const { method, path, creates, adds, first = false } = waiting;
    const at = new Date().toISOString();
    const sent: Sent = { method, path, creates, ...(adds && { adds }), at, answered_at: null };
    const nothingDone = async () => {
      if (first) await this.#note(work, { sent: null });
    };
    await this.#guarded(work, async () => {
      if (first) await this.#requireStillPlanned(work, creates);
      try {
        await this.#note(work, { sent });
        await this.#answered(work, sent, await this.#write(waiting));
      } catch (error) {
        if (error instanceof ApprovalWanted) {
          await this.#note(work, { sent: { ...sent, answered_at: new Date().toISOString() } });
          const since = row.approval_since?.getTime() ?? Date.now();
          if (Date.now() - since < approvalDays * 86_400_000) throw new ItemWaits();
          await nothingDone();
          throw new ItemEnds("APPROVAL_EXPIRED", `Nobody approved it in Intune within ${approvalDays} days.`);
        }
        if (error instanceof WriteUncertain) {
          if (creates) await this.#takeMade(work, Date.parse(sent.at));
          await this.#note(work, { state: "writing" });
          return;
        }
        if (
          error instanceof GraphError &&
          error.status !== null &&
          error.status < 500 &&
          !error.retryable &&
          !error.fatal
        ) {
          await nothingDone();
          throw new ItemEnds("APPROVAL_REFUSED", `Intune did not take the approved write: ${error.message}`);
        }
        throw error;
      }
    });
  }

  /**
   * Somebody may have changed the policy, or made it, in the days for which its first write waits: it is not written over then.
   * @throws ItemEnds; ItemWaits while nobody can look
   */
  async #requireStillPlanned(work: Work, creates: boolean): Promise<void> {
    try {
      this.#requireUnchanged(work, await this.#readLive(work));
      if (creates) await this.#requireNoneMade(work);
    } catch (error) {
      if (error instanceof GraphError && error.retryable) throw new ItemWaits();
      if (error instanceof ItemEnds) await this.#note(work, { sent: null });
      throw error;
    }
  }

  /** What only works once all objects are there: links, assignments, priorities. */
  async #writeRest(): Promise<void> {
    const works = this.#mine.filter(({ row }) => row.state === "writing" && row.phase === "rest");
    const byId = new Map(works.map((work) => [String(work.row.id), work]));
    const rest = new Map<string, WriteRequest[]>();
    for (const work of works) {
      await this.#guarded(work, async () => {
        await this.#awaitLostAddition(work);
        const live = work.live !== undefined ? work.live : await this.#readLive(work);
        // What this worker has written since is none of somebody else's.
        if (work.live === undefined) this.#requireAsLeft(work, live);
        const plan = this.#plan(work, live);
        if (!("requests" in plan)) throw blockedBy(plan);
        // Stopped before what it refers to: it goes on with that.
        if (plan.pending.length > 0 && this.#stop) return;
        if (plan.pending.length > 0)
          throw new ItemEnds("REFERENCE_BLOCKED", "It refers to policies that were not restored.", "blocked");
        rest.set(
          String(work.row.id),
          plan.requests.filter((request) => !this.#isOwn(work, request)),
        );
      });
    }
    const left = new Map([...rest].map(([id, requests]) => [id, requests.length]));
    // Priorities move other policies aside: then all of them are there before one is read back.
    const atOnce = ![...rest.values()].flat().some(({ stage }) => stage === "priority");
    const checks: Promise<void>[] = [];
    const checked = async (work: Work) => {
      await this.#lanes.acquire();
      try {
        await this.#guarded(work, () => this.#checkOne(work));
      } finally {
        this.#lanes.release();
      }
    };
    try {
      for (const work of works)
        if (left.get(String(work.row.id)) === 0) await this.#note(work, { phase: "check" });
      // What may have to be waited for comes last, so that nothing else waits with it.
      const waits = ({ item, request }: OrderedRequest) =>
        assignedOnce(byId.get(item)?.item.type.key ?? "", request) !== null;
      for (const { item, request } of inOrder(rest).toSorted((a, b) => Number(waits(a)) - Number(waits(b)))) {
        const work = byId.get(item);
        if (work?.row.state !== "writing") continue;
        const more = (left.get(item) ?? 1) - 1;
        left.set(item, more);
        await this.#guarded(work, async () => {
          await this.#awaitAssignable(work, request);
          await this.#send(work, request, "rest", more === 0 ? { phase: "check" } : {});
        });
        // It is read back while the next one waits for Graph's limits.
        if (atOnce && work.row.state === "writing" && work.row.phase === "check") {
          const check = checked(work);
          check.catch(() => undefined);
          checks.push(check);
        }
      }
    } finally {
      await Promise.allSettled(checks);
    }
    await Promise.all(checks);
  }

  /** Reads back what was written, some at a time, and says where it differs from the backup. */
  async #check(): Promise<void> {
    const works = this.#mine.filter(({ row }) => row.state === "writing" && row.phase === "check");
    const next = works.values();
    const lane = async () => {
      for (const work of next) await this.#guarded(work, () => this.#checkOne(work));
    };
    await Promise.all(Array.from({ length: 8 }, lane));
  }

  async #checkOne(work: Work): Promise<void> {
    const { item, row } = work;
    const live = await this.#readLive(work);
    if (live === null)
      throw new ItemEnds("NOT_READ_BACK", "What was written cannot be read back from Graph.");
    const mode = item.mode.kind === "assignments" ? item.mode : ({ kind: "inPlace" } as const);
    const [backup, now] = blankSecrets(row.is_created ? this.#wanted(item, row) : item.backup, live);
    const plan = planOne(
      // What was given cannot be read back, and is blank on both sides.
      { ...item, backup, live: now, match: "found", mode, secrets: new Map() },
      this.#work.context,
      resolverOf(this.#work.context, this.#made),
    );
    // Also what nothing more could be sent for, as what only a deletion would take away.
    const differences = plan.changes.map(({ path }) => path.join("/"));
    await this.#note(work, {
      state: differences.length === 0 ? "done" : "done_with_differences",
      phase: null,
      error: null,
      differences,
    });
  }
}

function isOpen({ state }: ItemRow): boolean {
  return state === "pending" || state === "writing";
}

/** What Graph wants of an object before it takes this request, which assigns it; null: nothing. */
function assignedOnce(policyType: string, { stage }: WriteRequest) {
  const rule = writingOf(policyType);
  if (stage !== "assignment" || "cannot" in rule || rule.assign === null || !("path" in rule.assign))
    return null;
  return rule.assign.once ?? null;
}

/** Another one when the policy is another in anything that a restore can write. */
function fingerprint({ type }: PlannableItem, live: Document): string {
  const rule = writingOf(type.key);
  const compared = "cannot" in rule ? live : comparable(live, type, rule);
  return createHash("sha256").update(JSON.stringify(compared)).digest("hex");
}

/** Whether a plan does nothing but enable a policy. */
function onlyEnables(plan: ItemPlan): boolean {
  return plan.changes.every(({ path }) => path[0] === "state");
}

/** Whether Graph has refused a write, so that it did nothing. */
function isRefused(error: unknown): boolean {
  if (!(error instanceof GraphError) || error.retryable || error.status === null) return false;
  return error.status >= 400 && error.status < 500;
}

/** A refusal of which Graph's own words tell people nothing, in others; all else as it is. */
function inWords(error: unknown, body: Document): unknown {
  const setting = error instanceof GraphError ? unknownSetting(error.message, body) : null;
  if (!(error instanceof GraphError) || setting === null) return error;
  return new ItemEnds(
    "GRAPH_REFUSED",
    `Graph knows no setting, or option of one, under the id ${setting}: ids count with their small and capital letters, and Microsoft may have changed it since the backup. ${error.message}`,
  );
}

/** What ends an item whose plan, as things are now, has nothing that could be sent. */
function blockedBy(plan: ItemPlan): ItemEnds {
  const reasons = "reasons" in plan ? plan.reasons : [];
  const why = plan.outcome === "impossible" ? plan.why : reasons.map(({ message }) => message).join(" ");
  // What was given is not there any more: erased, or sealed with a key that is not here.
  const code = reasons.some((reason) => reason.code === "secret") ? "SECRET_MISSING" : "REFERENCE_BLOCKED";
  return new ItemEnds(code, why || "It cannot be written.", "blocked");
}

/** Reads with the connection that reads: when that is refused, it is not the one that writes. @throws WritingEnds */
async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof GraphError && error.fatal)
      throw new WritingEnds("READ_CONNECTION_REFUSED", error.message);
    throw error;
  }
}

/** What an error means for its item; null: it concerns all of them. */
function endOf(error: unknown): ItemEnds | null {
  if (error instanceof ItemEnds) return error;
  if (!(error instanceof GraphError)) return null;
  if (error.fatal) throw new WritingEnds("WRITE_CONNECTION_REFUSED", error.message);
  if (error instanceof ApprovalNotAsked) return new ItemEnds("APPROVAL_NOT_ASKED", error.message);
  return new ItemEnds(error.retryable ? "GRAPH_UNAVAILABLE" : "GRAPH_REFUSED", error.message);
}
