import { createHash } from "node:crypto";
import { fewAtATime } from "#lib/access/few-at-a-time";
import { networkOf } from "#lib/access/network";
import { raiseAlerts } from "#lib/alerts/raise";
import { type Tx, takeRole, transaction } from "#lib/db/transaction";
import { toldSignInFailures } from "#lib/limits";
import { log } from "#lib/log";
import { currentRequest, withRequest } from "#lib/request-context";
import { actionWords } from "./actions.ts";
import type { AuditEntryInput } from "./entry.ts";

interface Window {
  hours: number;
  /** Events that get an entry each. */
  entries: number;
  /** It goes on as long as there are such events, and nothing is told at its end: only what is new is of interest. */
  renewed?: true;
}

/**
 * What happens at the doors, and how much of it the log takes. So many entries, and one more at the end of the window, are
 * all that anybody can cause there, however often they try: for a person, in each of their tenants; for a caller who is
 * refused, with each permission; and from strangers in all, since their networks are sixteen to the service
 * (`strangers`). The log of the process has a line for each event.
 */
const windows = {
  "session.started": { hours: 1, entries: 20 },
  "session.signed_out": { hours: 1, entries: 20 },
  "session.ended": { hours: 1, entries: 20 },
  "sign_in.failed": toldSignInFailures,
  "sign_in.code_failed": toldSignInFailures,
  "sign_in.recovery_code_used": { hours: 1, entries: 20 },
  "sign_in.delayed": { hours: 4, entries: 1 },
  "sign_in.refused": toldSignInFailures,
  "sign_in.unknown": { hours: 1, entries: 1 },
  "password.refused": toldSignInFailures,
  "access.refused": { hours: 1, entries: 3 },
  "access.first_duty": { hours: 1, entries: 3 },
  "access.elsewhere": { hours: 1, entries: 3 },
  "access.cross_site": { hours: 1, entries: 3 },
  "access.unknown_token": { hours: 1, entries: 1 },
  "token.new_address": { hours: 24 * 90, entries: 1, renewed: true },
} as const satisfies Record<string, Window>;

type SecurityAction = keyof typeof windows;

/** Something that happened at a door. Never with a password, a token, or what was typed in their place. */
export type SecurityEvent = Extract<AuditEntryInput, { action: SecurityAction }> & {
  /** Whose log has it: a tenant's; those of a person's tenants, or the platform's if they have none; the platform's. */
  in: { tenant: number } | { person: number } | "platform";
  /** Who did it; null: the service, which refused somebody who was not known. */
  by: { kind: "user" | "token"; id: number } | null;
  /** What makes it another one than the last, beside all that: only the first few of the same get an entry. */
  distinct?: string;
};

/** What of an event its entries say, as a window keeps it. */
interface About {
  action: SecurityAction;
  in: SecurityEvent["in"];
  actor: { kind: "user" | "token" | "system"; id: number | null; name: string };
  target: { kind: string; id: number } | null;
  details: Record<string, unknown>;
}

/** Windows that this process knows to be told out: until when, and what it has counted since it wrote there last. */
const toldOut = new Map<
  string,
  { until: number; seen: number; addresses: Set<string>; flush: Promise<void> | null }
>();
const rememberedMost = 10_000;
const flushAfterMs = 2_000;
/** A flood must neither take the connections of others, nor pile up: what is above is in the process's log alone. */
const inTurn = fewAtATime(2);
const inTurnAfterwards = fewAtATime(2);
const waitingMost = 500;
let waiting = 0;
const underway = new Set<Promise<void>>();

/**
 * Records an event: a line in the log of this process, and an entry, or a count, in the audit log. Never throws: what
 * people do at the door does not depend on it. Who need not wait does not: for a wrong password the answer would tell by
 * its time whether there is such an account.
 * @param client the client's IP address, where it is known better than by the request
 */
export function recordSecurityEvent(
  event: SecurityEvent,
  client: string | null = currentRequest()?.address ?? null,
): Promise<void> {
  logEvent(event, client);
  const recorded = withRequest({ request_id: currentRequest()?.request_id ?? "", address: client }, () =>
    count(event, client),
  ).catch((error: unknown) => log.error({ err: error }, "security: an event could not be recorded"));
  underway.add(recorded);
  return recorded.finally(() => underway.delete(recorded));
}

/** Records an event as part of a transaction of `identity`, with which it comes about or does not. */
export async function recordSecurityEventIn(db: Tx, event: SecurityEvent): Promise<void> {
  const client = currentRequest()?.address ?? null;
  logEvent(event, client);
  await countIn(db, keyOf(event), event, client);
}

function logEvent({ action, in: place, by, target, details }: SecurityEvent, client: string | null): void {
  const request_id = currentRequest()?.request_id;
  log.info(
    { security: { action, in: place, by, target: target ?? null, ...details, address: client, request_id } },
    `security: ${actionWords(action)}`,
  );
}

/** Does what is part of recording an event, after the answer. */
export function afterwards(record: () => Promise<void>): void {
  if (waiting >= waitingMost) return;
  waiting += 1;
  const done = inTurnAfterwards(record)
    .catch((error: unknown) => log.error({ err: error }, "security: an event could not be recorded"))
    .finally(() => {
      waiting -= 1;
      underway.delete(done);
    });
  underway.add(done);
}

/**
 * Waits until everything that was recorded so far is in the database, for who looks there next. What this process knew of
 * windows is forgotten with it: the database knows them too.
 */
export async function securityEventsRecorded(): Promise<void> {
  do {
    while (underway.size > 0) await Promise.all(underway);
    for (const [key, known] of toldOut) {
      if (known.seen > 0) await flush(key);
      if (known.seen === 0) toldOut.delete(key);
    }
    // A window's own flush may have begun meanwhile: what it has taken is nowhere else until it is stored.
  } while (underway.size > 0);
}

/** A stranger's place: one of sixteen by their network, so that many networks make no more entries than a few. */
export function strangers(client: string | null): string {
  const network = (client && networkOf(client)) ?? "unknown";
  return String((createHash("sha256").update(network).digest()[0] ?? 0) % 16);
}

/** A token's network: one of a thousand, so that whoever has it and many networks makes no more entries than that. */
export function networkKey(client: string): string {
  return String(
    createHash("sha256")
      .update(networkOf(client) ?? client)
      .digest()
      .readUInt16BE() % 1_024,
  );
}

function keyOf({ action, in: place, by, target, distinct }: SecurityEvent): string {
  return createHash("sha256")
    .update(JSON.stringify([action, place, by, target ?? null, distinct ?? null]))
    .digest("hex");
}

async function count(event: SecurityEvent, client: string | null): Promise<void> {
  const key = keyOf(event);
  const known = toldOut.get(key);
  if (known && known.until > Date.now()) {
    known.seen += 1;
    if (client && known.addresses.size < 10) known.addresses.add(client);
    known.flush ??= new Promise<void>((resolve) => setTimeout(resolve, flushAfterMs).unref())
      .then(() => flush(key))
      .catch((error: unknown) => log.error({ err: error }, "security: a count could not be recorded"));
    return;
  }
  toldOut.delete(key);
  if (waiting >= waitingMost) return;
  waiting += 1;
  try {
    await inTurn(() => write(key, event, client));
  } finally {
    waiting -= 1;
  }
}

async function write(key: string, event: SecurityEvent, client: string | null): Promise<void> {
  const { entries, ...window }: Window = windows[event.action];
  const { told, seen, expires_at } = await transaction({ as: "identity" }, (db) =>
    countIn(db, key, event, client),
  );
  if (seen < entries || window.renewed || toldOut.size >= rememberedMost) return;
  if (told > seen) return;
  // Another of the same may have been done first, and more were counted since: those are kept.
  const known = toldOut.get(key);
  const until = expires_at.getTime();
  if (known) known.until = until;
  else toldOut.set(key, { until, seen: 0, addresses: new Set(), flush: null });
}

async function countIn(
  db: Tx,
  key: string,
  event: SecurityEvent,
  client: string | null,
): Promise<{ told: number; seen: number; expires_at: Date }> {
  const { hours, entries, ...window }: Window = windows[event.action];
  const addresses = client === null ? [] : [client];
  const over = await db.$queryRaw<EndedWindow[]>`
    DELETE FROM security_windows WHERE key = ${key} AND expires_at <= now()
    RETURNING about, seen, told, addresses, first_at, last_at`;
  await tellOf(db, over);
  const about = await aboutOf(db, event);
  const [counted] = await db.$queryRaw<{ told: number; seen: number; expires_at: Date }[]>`
    INSERT INTO security_windows AS w (key, about, seen, told, addresses, expires_at)
    VALUES (${key}, ${JSON.stringify(about)}::jsonb, 1, 1, ${addresses}::text[], now() + ${hours} * interval '1 hour')
    ON CONFLICT (key) DO UPDATE SET
      seen = w.seen + 1, told = w.told + (w.told < ${entries})::int, last_at = now(),
      addresses = CASE WHEN excluded.addresses <@ w.addresses OR cardinality(w.addresses) >= 10 THEN w.addresses
                       ELSE w.addresses || excluded.addresses END,
      expires_at = CASE WHEN ${window.renewed ?? false} THEN excluded.expires_at ELSE w.expires_at END
    RETURNING told, seen, expires_at`;
  if (!counted) throw new Error("the event was not counted");
  if (counted.told === counted.seen) await writeEntries(db, about, {});
  if (event.action === "sign_in.delayed" && counted.seen === 1) await tellLocked(db, event.in, client);
  return counted;
}

/**
 * Adds what this process has counted to the window; when that is over, the rest is lost but for the process's log.
 * @throws what the database throws; nothing is lost by it
 */
async function flush(key: string): Promise<void> {
  const known = toldOut.get(key);
  if (!known || known.seen === 0) return;
  const { seen } = known;
  const addresses = [...known.addresses];
  Object.assign(known, { seen: 0, flush: null });
  known.addresses.clear();
  const stored = transaction(
    { as: "identity" },
    (db) => db.$executeRaw`
      UPDATE security_windows SET seen = seen + ${seen}, last_at = now(), addresses = ARRAY(
        SELECT DISTINCT unnest(addresses || ${addresses}::text[]) LIMIT 10)
      WHERE key = ${key}`,
  );
  const done: Promise<void> = stored.then(
    () => {},
    () => {
      // The database may be away: they are counted with what comes next.
      known.seen += seen;
      for (const address of addresses) known.addresses.add(address);
    },
  );
  underway.add(done);
  await stored.finally(() => underway.delete(done));
}

/**
 * Tells the tenants of a person that nobody signs in as them for a while, and the platform's targets that it is so: of a person of
 * no tenant these alone. Once a window. Who writes to the audit log sees no targets of alerts: the transaction goes on as who does.
 */
async function tellLocked(db: Tx, place: SecurityEvent["in"], client: string | null): Promise<void> {
  if (place === "platform" || "tenant" in place) return;
  const people = await db.$queryRaw<{ tenant_id: number | null; name: string; email: string }[]>`
    SELECT m.tenant_id, u.name, u.email
    FROM users u LEFT JOIN (memberships m JOIN tenants t ON t.id = m.tenant_id AND t.archived_at IS NULL) ON m.user_id = u.id
    WHERE u.id = ${place.person} ORDER BY m.tenant_id`;
  if (people.length === 0) return;
  await takeRole(db, "dispatcher");
  await raiseAlerts(
    db,
    people.map(({ tenant_id, name, email }) => ({
      kind: "sign_in.locked",
      tenant_id,
      title: "Sign-in locked",
      ...(tenant_id === null
        ? // Nobody would read there who it is.
          { body: "", link: null }
        : {
            body: `Too many attempts to sign in as ${name} (${email}) failed${client ? `, the last from ${client}` : ""}. No more are taken from there for a while. If it was not them, see that their password is theirs alone, and that they have two-step sign-in.`,
            link: `/tenants/${tenant_id}/members`,
            data: { user_id: place.person, address: client },
          }),
    })),
  );
  await takeRole(db, "identity");
}

interface EndedWindow {
  about: About;
  seen: number;
  told: number;
  addresses: string[];
  first_at: Date;
  last_at: Date;
}

/** Tells what the windows that are over have counted, beyond what has an entry. @returns how many were over */
export async function endSecurityWindows(): Promise<number> {
  for (let ended = 0; ; ) {
    const more = await transaction({ as: "dispatcher" }, async (db) => {
      const over = await db.$queryRaw<EndedWindow[]>`
        DELETE FROM security_windows WHERE key IN (
          SELECT key FROM security_windows WHERE expires_at <= now() ORDER BY key LIMIT 200)
        RETURNING about, seen, told, addresses, first_at, last_at`;
      await tellOf(db, over);
      return over.length;
    });
    ended += more;
    if (more < 200) return ended;
  }
}

async function tellOf(db: Tx, over: readonly EndedWindow[]): Promise<void> {
  for (const { about, seen, told, addresses, first_at, last_at } of over) {
    const window: Window = windows[about.action];
    if (seen === told || window.renewed) continue;
    await writeEntries(db, about, { count: seen - told, since: first_at, until: last_at, addresses });
  }
}

async function aboutOf(db: Tx, { action, in: place, by, target, details }: SecurityEvent): Promise<About> {
  const [named] =
    by === null
      ? []
      : by.kind === "user"
        ? await db.$queryRaw<{ name: string }[]>`SELECT name FROM users WHERE id = ${by.id}`
        : await db.$queryRaw<{ name: string }[]>`SELECT name FROM api_tokens WHERE id = ${by.id}`;
  const actor = by
    ? { ...by, name: named?.name ?? `${by.kind} ${by.id}` }
    : { kind: "system" as const, id: null, name: "sign-in" };
  return { action, in: place, actor, target: target ?? null, details: details ?? {} };
}

async function writeEntries(db: Tx, about: About, more: Record<string, unknown>): Promise<void> {
  const { action, actor, target, details } = about;
  await db.auditEntry.createMany({
    data: (await logsOf(db, about.in)).map((tenant_id) => ({
      tenant_id,
      actor_kind: actor.kind,
      actor_id: actor.id,
      actor_name: actor.name,
      action,
      target_kind: target?.kind ?? null,
      target_id: target?.id ?? null,
      details: { ...details, ...more } as object,
    })),
  });
}

/** The tenants whose logs it concerns; null is the platform's own. */
async function logsOf(db: Tx, place: SecurityEvent["in"]): Promise<(number | null)[]> {
  if (place === "platform") return [null];
  if ("tenant" in place) return [place.tenant];
  const memberships = await db.$queryRaw<{ tenant_id: number }[]>`
    SELECT tenant_id FROM memberships WHERE user_id = ${place.person}`;
  return memberships.length > 0 ? memberships.map(({ tenant_id }) => tenant_id) : [null];
}
