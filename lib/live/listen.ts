import { randomUUID } from "node:crypto";
import pg from "pg";
import type { Actor } from "#lib/access/actor";
import { directAddress } from "#lib/db/address";
import { database } from "#lib/db/client";
import { hears } from "#lib/db/hears";
import { liveLookSeconds } from "#lib/limits";
import { log } from "#lib/log";
import { fingerprintOf } from "./fingerprint.ts";
import { type AccessNews, type LiveEvent, liveChannel } from "./notify.ts";

/** What a subscriber hears. `resync`: something may have been missed until now, nothing is from here on. */
export type Heard = LiveEvent | { topic: "resync" };

interface Subscriber {
  tenantId: number;
  reader: Actor;
  onEvent(event: Heard): void;
  onAccess(): void;
}

const firstRetryMs = 250;
const longestRetryMs = 10_000;
/** How often a silent connection is asked whether it is still there. */
const probeMs = 30_000;
/** Who reloads a page leaves and comes back: the connection stays that long after the last subscriber. */
const lingerMs = 10_000;
/** How often it tries whether it can be told by now. */
const tryAgainMs = 60_000;

/** How a process learns what changes: it is told, it has to look, or it has not tried yet. */
export type LiveWay = "told" | "looks" | null;

/**
 * One LISTEN connection for all subscribers of a process; the events are handed on in memory. Where that hears nothing, as
 * behind a pooler, it looks at each subscriber's tenant every few seconds.
 */
class LiveListener {
  readonly #subscribers = new Set<Subscriber>();
  #client: pg.Client | null = null;
  #listening = false;
  #timer: NodeJS.Timeout | undefined;
  #leaving: NodeJS.Timeout | undefined;
  #failures = 0;
  /** No connection, and a next attempt to come. */
  #retrying = false;
  /** Names the time since which nothing was missed: another one after each connection. */
  #epoch = "";
  /** How many events of each tenant were heard in this epoch. */
  readonly #heard = new Map<number, number>();
  /** What the tenants looked like that are looked at. */
  readonly #fingerprints = new Map<number, string>();
  #looking: NodeJS.Timeout | undefined;
  /** What was found when it last tried. */
  way: LiveWay = null;

  subscribe(subscriber: Subscriber, since: string | null): () => void {
    clearTimeout(this.#leaving);
    this.#subscribers.add(subscriber);
    const mark = this.mark(subscriber.tenantId);
    this.tryOnce();
    if (mark !== null && since !== mark) subscriber.onEvent({ topic: "resync" });
    // Its tenant is looked at from now on.
    else if (mark === null && this.#looking) void this.#look([subscriber.tenantId]);
    return () => {
      if (this.#subscribers.delete(subscriber)) this.#leaveLater();
    };
  }

  /** Connects, unless it has or is about to. */
  tryOnce(): void {
    if (this.#client || this.#retrying) return;
    void this.#connect();
    this.#leaveLater();
  }

  mark(tenantId: number): string | null {
    if (!this.#listening && !this.#fingerprints.has(tenantId)) return null;
    return `${this.#epoch}.${tenantId}.${this.#heard.get(tenantId) ?? 0}`;
  }

  #leaveLater(): void {
    clearTimeout(this.#leaving);
    if (this.#subscribers.size > 0) return;
    this.#leaving = setTimeout(() => void this.#disconnect(), lingerMs);
    this.#leaving.unref();
  }

  async #connect(): Promise<void> {
    this.#retrying = false;
    const client = new pg.Client({
      connectionString: directAddress(),
      application_name: "tenantpilot-live",
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      keepAlive: true,
    });
    this.#client = client;
    client.on("error", (error) => this.#lost(client, error));
    client.on("end", () => this.#lost(client, new Error("The connection was closed.")));
    client.on("notification", ({ channel, payload }) => {
      if (channel === liveChannel) this.#hear(payload ?? "");
    });
    try {
      await client.connect();
      const heard = await hears(
        client,
        (channel) => database().$executeRaw`SELECT pg_notify(${channel}, '')`,
      );
      if (this.#client !== client) return;
      if (!heard) {
        this.#deaf(client);
        return;
      }
      await client.query(`LISTEN ${liveChannel}`);
    } catch (error) {
      this.#lost(client, error);
      return;
    }
    if (this.#client !== client) return;
    this.way = "told";
    this.#stopLooking();
    this.#failures = 0;
    this.#epoch = randomUUID();
    this.#heard.clear();
    this.#listening = true;
    this.#probeLater(client);
    for (const subscriber of this.#subscribers) {
      subscriber.onEvent({ topic: "resync" });
      subscriber.onAccess();
    }
  }

  async stop(): Promise<void> {
    this.way = null;
    clearTimeout(this.#leaving);
    this.#subscribers.clear();
    await this.#disconnect();
  }

  async #disconnect(): Promise<void> {
    clearTimeout(this.#timer);
    this.#retrying = false;
    this.#stopLooking();
    const client = this.#client;
    this.#client = null;
    this.#listening = false;
    await client?.end().catch(() => {});
  }

  /** Looks in place of listening, and tries again after a while. */
  #deaf(client: pg.Client): void {
    this.#client = null;
    void client.end().catch(() => {});
    this.#failures = 0;
    if (this.way !== "looks") log.warn(`live events: ${nothingHeard}`);
    this.way = "looks";
    this.#retrying = true;
    this.#timer = setTimeout(() => void this.#connect(), tryAgainMs);
    this.#timer.unref();
    if (this.#looking) return;
    this.#epoch = randomUUID();
    this.#heard.clear();
    this.#lookLater();
    void this.#look([]);
  }

  #lookLater(): void {
    this.#looking = setTimeout(() => {
      void this.#look([]).finally(() => this.#looking && this.#lookLater());
    }, liveLookSeconds * 1000);
    this.#looking.unref();
  }

  #stopLooking(): void {
    clearTimeout(this.#looking);
    this.#looking = undefined;
    this.#fingerprints.clear();
  }

  /**
   * Looks at tenants, and tells their subscribers when one has changed since it was looked at before, or never was.
   * @param only these; all that have subscribers when there are none
   */
  async #look(only: readonly number[]): Promise<void> {
    const watched = new Set([...this.#subscribers].map(({ tenantId }) => tenantId));
    for (const tenantId of this.#fingerprints.keys())
      if (!watched.has(tenantId)) this.#fingerprints.delete(tenantId);
    for (const tenantId of only.length > 0 ? only : watched) {
      const seen = await fingerprintOf(tenantId).catch((error: unknown) => {
        log.debug({ err: error, tenant_id: tenantId }, "live events: the tenant could not be looked at");
        return null;
      });
      if (seen === null || !this.#looking || this.#fingerprints.get(tenantId) === seen) continue;
      this.#fingerprints.set(tenantId, seen);
      this.#heard.set(tenantId, (this.#heard.get(tenantId) ?? 0) + 1);
      for (const subscriber of this.#subscribers) {
        if (subscriber.tenantId !== tenantId) continue;
        subscriber.onEvent({ topic: "resync" });
        subscriber.onAccess();
      }
    }
  }

  /** Connects again after a while: 0.25 s at first, doubling to 10 s. A connection is lost only once. */
  #lost(client: pg.Client, error: unknown): void {
    if (this.#client !== client) return;
    this.#client = null;
    this.#listening = false;
    clearTimeout(this.#timer);
    void client.end().catch(() => {});
    const wait = Math.min(longestRetryMs, firstRetryMs * 2 ** this.#failures);
    this.#failures += 1;
    log.warn({ err: error, retry_in_ms: wait }, "live events: connection lost; it will reconnect");
    this.#retrying = true;
    this.#timer = setTimeout(() => void this.#connect(), wait);
    this.#timer.unref();
  }

  /** A host that vanished closes nothing; only a question shows it. */
  #probeLater(client: pg.Client): void {
    this.#timer = setTimeout(() => {
      client.query("SELECT 1").then(
        () => this.#client === client && this.#probeLater(client),
        (error) => this.#lost(client, error),
      );
    }, probeMs);
    this.#timer.unref();
  }

  #hear(payload: string): void {
    const heard = JSON.parse(payload) as LiveEvent | AccessNews;
    if ("access_of" in heard) this.#hearOfAccess(heard);
    else this.#hearEvent(heard);
  }

  #hearEvent(event: LiveEvent): void {
    this.#heard.set(event.tenant_id, (this.#heard.get(event.tenant_id) ?? 0) + 1);
    for (const subscriber of this.#subscribers) {
      if (subscriber.tenantId !== event.tenant_id) continue;
      if (event.user_id !== undefined && event.user_id !== userIdOf(subscriber.reader)) continue;
      subscriber.onEvent(event);
    }
  }

  #hearOfAccess(news: AccessNews): void {
    for (const subscriber of this.#subscribers) if (mayConcern(news, subscriber)) subscriber.onAccess();
  }
}

/** What to do about it, for whoever reads the log or the status. */
export const nothingHeard =
  "nothing that is notified arrives: DATABASE_URL names a pooler in transaction mode, or DATABASE_DIRECT_URL another " +
  "database. Pages look for changes every few seconds instead. Set DATABASE_DIRECT_URL to PostgreSQL itself";

function userIdOf(reader: Actor): number | null {
  return reader.kind === "user" ? reader.user_id : null;
}

/** A token ends with the membership and the account of its maker, which its stream does not know: it looks. */
function mayConcern({ access_of: whose }: AccessNews, { tenantId, reader }: Subscriber): boolean {
  if (whose.tenant_id !== undefined && whose.tenant_id !== tenantId) return false;
  if (whose.session_id !== undefined)
    return reader.kind === "user" && reader.session?.id === whose.session_id;
  if (whose.token_id !== undefined) return reader.kind === "token" && reader.token_id === whose.token_id;
  return reader.kind === "token" || userIdOf(reader) === whose.user_id;
}

// Next.js may load a module once for each route: the connection lives outside of them.
const holder = globalThis as typeof globalThis & { tenantpilotLive?: LiveListener };

function listener(): LiveListener {
  holder.tenantpilotLive ??= new LiveListener();
  return holder.tenantpilotLive;
}

/**
 * Hears what changes in one tenant, until the returned function is called. All subscribers of a process share one
 * database connection, which exists while there are any, and ten seconds more. The first event is a `resync`, as soon as
 * events flow, unless nothing happened since the mark that is given; another follows whenever that connection was lost.
 *
 * Checks no permission: the caller has asked an operation whether this person may (lib/live/watch.ts).
 * @param reader hears, when it is a person, their own events as well (notifications)
 * @param since what `liveMark` said before the subscriber read its data; null when it has read none
 * @param on.event must not throw, and must return at once
 * @param on.access is called when the reader's access may have ended, and when news of that may have been missed
 */
export function subscribe(
  tenantId: number,
  reader: Actor,
  since: string | null,
  on: { event(event: Heard): void; access(): void },
): () => void {
  return listener().subscribe({ tenantId, reader, onEvent: on.event, onAccess: on.access }, since);
}

/** How this process learns of changes. When it does not know yet it tries to find out, and knows in a few seconds. */
export function liveWay(): LiveWay {
  const { way } = listener();
  if (way === null) listener().tryOnce();
  return way;
}

/** Ends all subscriptions without a word, and the connection; who subscribes next opens another one. */
export async function stopListening(): Promise<void> {
  await holder.tenantpilotLive?.stop();
}

/**
 * Marks what this process has heard of a tenant until now. Take it before reading data: whatever is committed after
 * that is announced after the mark, so a subscriber who brings the newest mark has missed nothing. An event that was
 * on its way when the mark was taken costs a needless resync, never a missed one.
 * @returns null while this process does not listen, and may miss things
 */
export function liveMark(tenantId: number): string | null {
  return listener().mark(tenantId);
}
