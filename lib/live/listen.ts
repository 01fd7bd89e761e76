import { randomUUID } from "node:crypto";
import pg from "pg";
import type { Actor } from "#lib/access/actor";
import { env } from "#lib/env";
import { log } from "#lib/log";
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

/** One LISTEN connection for all subscribers of a process; the events are handed on in memory. */
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

  subscribe(subscriber: Subscriber, since: string | null): () => void {
    clearTimeout(this.#leaving);
    this.#subscribers.add(subscriber);
    if (!this.#client && !this.#retrying) void this.#connect();
    else if (this.#listening && (since === null || since !== this.mark(subscriber.tenantId)))
      subscriber.onEvent({ topic: "resync" });
    return () => {
      if (!this.#subscribers.delete(subscriber) || this.#subscribers.size > 0) return;
      this.#leaving = setTimeout(() => void this.#disconnect(), lingerMs);
      this.#leaving.unref();
    };
  }

  mark(tenantId: number): string | null {
    return this.#listening ? `${this.#epoch}.${tenantId}.${this.#heard.get(tenantId) ?? 0}` : null;
  }

  async #connect(): Promise<void> {
    this.#retrying = false;
    const client = new pg.Client({
      connectionString: env().DATABASE_URL,
      application_name: "tenantpilot-live",
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
      keepAlive: true,
    });
    this.#client = client;
    client.on("error", (error) => this.#lost(client, error));
    client.on("end", () => this.#lost(client, new Error("The connection was closed.")));
    client.on("notification", ({ payload }) => this.#hear(payload ?? ""));
    try {
      await client.connect();
      await client.query(`LISTEN ${liveChannel}`);
    } catch (error) {
      this.#lost(client, error);
      return;
    }
    if (this.#client !== client) return;
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
    clearTimeout(this.#leaving);
    this.#subscribers.clear();
    await this.#disconnect();
  }

  async #disconnect(): Promise<void> {
    clearTimeout(this.#timer);
    this.#retrying = false;
    const client = this.#client;
    this.#client = null;
    this.#listening = false;
    await client?.end().catch(() => {});
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
