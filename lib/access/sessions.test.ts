import { beforeEach, describe, expect, test, vi } from "vitest";
import { transaction } from "#lib/db/transaction";
import { until, withWorld } from "#lib/testing/world";
import { retentionActor } from "./actor.ts";
import { actorOf, currentUser } from "./current-user.ts";
import { endMyOtherSessions, endMySession, listMySessions } from "./my-sessions.ts";
import { purgeOldSessions } from "./purge-sessions.ts";
import { hashToken } from "./secret-token.ts";
import { beginSession, endAllSessions, endSession, type SessionTicket } from "./sessions.ts";

const world = withWorld({ policies: 1 });
const here = { address: "192.0.2.7", device: "Firefox on Linux" };
let person: { id: number; session_version: number };
let people = 0;

beforeEach(async () => {
  people += 1;
  const { rows } = await world.admin.query(
    "INSERT INTO users (email, name, password_hash) VALUES ($1, 'Some Body', 'none') RETURNING id, session_version",
    [`somebody.${people}@sessions.example`],
  );
  person = rows[0];
});

async function rowOf({ secret }: SessionTicket) {
  const { rows } = await world.admin.query("SELECT * FROM sessions WHERE secret_hash = $1", [
    hashToken(secret),
  ]);
  return rows[0];
}

/** Moves what is known of a session into the past. */
async function age({ secret }: SessionTicket, interval: string): Promise<void> {
  await world.admin.query(
    `UPDATE sessions SET created_at = created_at - $2::interval, ends_at = ends_at - $2::interval,
                         last_seen_at = last_seen_at - $2::interval
     WHERE secret_hash = $1`,
    [hashToken(secret), interval],
  );
}

async function goesOn(ticket: SessionTicket): Promise<boolean> {
  return (await currentUser(ticket, null)) !== null;
}

/** The person as who asks by this session. */
async function asking(ticket: SessionTicket) {
  const user = await currentUser(ticket, null);
  if (!user) throw new Error("the session has ended");
  return actorOf(user);
}

describe("a session", () => {
  test("is a row that holds no more than a hash of what opens it, and lasts twelve hours", async () => {
    const ticket = await beginSession(person, here);
    expect(await currentUser(ticket, null)).toMatchObject({ id: person.id });
    const row = await rowOf(ticket);
    expect(row).toMatchObject({ user_id: person.id, ...here, ended_at: null, end_reason: null });
    expect(row.ends_at - row.created_at).toBe(12 * 3_600_000);
    expect(JSON.stringify(row)).not.toContain(ticket.secret);
    expect(await goesOn({ user_id: person.id, secret: hashToken(ticket.secret) })).toBe(false);
    expect(await goesOn({ ...ticket, user_id: world.tenant.actors.owner.user_id })).toBe(false);
  });

  test("ends by signing out, alone and for good", async () => {
    const [one, other] = [await beginSession(person, here), await beginSession(person, here)];
    await endSession(one, "sign_out");
    expect([await goesOn(one), await goesOn(other)]).toEqual([false, true]);
    const revive = transaction(
      { as: "account", user_id: person.id },
      (db) => db.$executeRaw`UPDATE sessions SET ended_at = NULL, end_reason = NULL`,
    );
    await expect(revive).rejects.toThrow("has ended");
  });

  test("ends with all the others when an administrator says so, and so does one that is about to begin", async () => {
    const tickets = [await beginSession(person, here), await beginSession(person, here)];
    expect(await endAllSessions(person.id)).toBe(2);
    for (const ticket of tickets) {
      expect(await goesOn(ticket)).toBe(false);
      expect(await rowOf(ticket)).toMatchObject({ end_reason: "administrator" });
    }
    await expect(beginSession(person, here)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await goesOn(await beginSession({ ...person, session_version: 2 }, here))).toBe(true);
    await expect(endAllSessions(999_999)).rejects.toMatchObject({ code: "NOT_FOUND" });
  });

  test("that begins while all are being ended waits, and does not begin", async () => {
    const ending = await world.admin.connect();
    try {
      await ending.query("BEGIN");
      await ending.query("UPDATE users SET session_version = session_version + 1 WHERE id = $1", [person.id]);
      const late = beginSession(person, here).catch((error) => error.code);
      const waiting =
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
      await until("it waits", async () => (await ending.query(waiting)).rowCount, 5);
      await ending.query("COMMIT");
      expect(await late).toBe("UNAUTHENTICATED");
    } finally {
      await ending.query("ROLLBACK");
      ending.release();
    }
  });

  test("ends when the account is disabled, and none begins until it is enabled", async () => {
    const ticket = await beginSession(person, here);
    const disable = (isDisabled: boolean) =>
      transaction(
        { as: "identity" },
        (db) => db.$executeRaw`
          UPDATE users SET disabled_at = CASE WHEN ${isDisabled} THEN now() END WHERE id = ${person.id}`,
      );
    await disable(true);
    expect(await goesOn(ticket)).toBe(false);
    await expect(beginSession(person, here)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await disable(false);
    expect(await goesOn(ticket)).toBe(false);
    expect(await rowOf(ticket)).toMatchObject({ end_reason: "account_disabled" });
    expect(await goesOn(await beginSession(person, here))).toBe(true);
  });

  test("ends after twelve hours, however much it is used", async () => {
    const ticket = await beginSession(person, here);
    await age(ticket, "11 hours 59 minutes");
    await world.admin.query("UPDATE sessions SET last_seen_at = now() WHERE user_id = $1", [person.id]);
    expect(await goesOn(ticket)).toBe(true);
    await age(ticket, "1 minute");
    await world.admin.query("UPDATE sessions SET last_seen_at = now() WHERE user_id = $1", [person.id]);
    expect(await goesOn(ticket)).toBe(false);
  });

  test("ends when it was not used for two hours, or as long as the setting says", async () => {
    const ticket = await beginSession(person, here);
    await age(ticket, "119 minutes");
    expect(await goesOn(ticket)).toBe(true);
    vi.stubEnv("SESSION_IDLE_MINUTES", "119");
    expect(await goesOn(ticket)).toBe(false);
    vi.unstubAllEnvs();
    await age(ticket, "1 minute");
    expect(await goesOn(ticket)).toBe(false);
    expect(await listMySessions({ kind: "user", user_id: person.id }, {})).toEqual([]);
  });

  test("notes that it was used, and from where, at most once a minute", async () => {
    const ticket = await beginSession(person, here);
    const begun = await rowOf(ticket);
    const elsewhere = { address: "2001:db8::1" };
    await currentUser(ticket, elsewhere);
    expect(await rowOf(ticket)).toEqual(begun);
    await age(ticket, "1 minute");
    const aged = await rowOf(ticket);
    await currentUser(ticket, null);
    expect(await rowOf(ticket)).toEqual(aged);
    await Promise.all(Array.from({ length: 5 }, () => currentUser(ticket, elsewhere)));
    const seen = await rowOf(ticket);
    expect(seen).toMatchObject({ address: "2001:db8::1", device: here.device, ends_at: aged.ends_at });
    expect(seen.last_seen_at.getTime()).toBeGreaterThan(begun.last_seen_at.getTime());
  });

  test("is kept for a while after its time, and then removed", async () => {
    const [old, past, live] = [
      await beginSession(person, here),
      await beginSession(person, here),
      await beginSession(person, here),
    ];
    await endSession(old, "sign_out");
    await age(old, "30 days 13 hours");
    await age(past, "29 days");
    expect(await purgeOldSessions(retentionActor, {})).toBe(1);
    expect([await rowOf(old), await rowOf(past), await rowOf(live)]).toMatchObject([undefined, {}, {}]);
  });
});

describe("a person", () => {
  test("sees where they are signed in, this browser first, and ends any of it", async () => {
    const phone = await beginSession(person, { address: null, device: "Safari on iPhone" });
    const ended = await beginSession(person, here);
    const current = await beginSession(person, here);
    await endSession(ended, "sign_out");
    await age(current, "5 minutes");
    const me = await asking(current);
    const list = await listMySessions(me, {});
    expect(list).toMatchObject([
      { ...here, is_current: true },
      { address: null, device: "Safari on iPhone", is_current: false },
    ]);
    await endMySession(me, { session_id: list[1]?.id ?? 0 });
    expect([await goesOn(phone), await goesOn(current)]).toEqual([false, true]);
    expect(await rowOf(phone)).toMatchObject({ end_reason: "ended_by_person" });
    const { ended_at } = await rowOf(ended);
    await endMySession(me, { session_id: (await rowOf(ended)).id });
    expect(await rowOf(ended)).toMatchObject({ ended_at, end_reason: "sign_out" });
  });

  test("signs out everywhere else, and stays", async () => {
    const others = [await beginSession(person, here), await beginSession(person, here)];
    const current = await beginSession(person, here);
    expect(await endMyOtherSessions(await asking(current), {})).toEqual({ ended: 2 });
    expect(await Promise.all([...others, current].map(goesOn))).toEqual([false, false, true]);
  });

  test("signs out also what is about to begin elsewhere, and no other time", async () => {
    const current = await beginSession(person, here);
    expect(await endMyOtherSessions(await asking(current), {})).toEqual({ ended: 0 });
    await expect(beginSession(person, here)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await goesOn(current)).toBe(true);
    expect(await goesOn(await beginSession({ ...person, session_version: 2 }, here))).toBe(true);
  });

  test("neither sees nor ends anybody else's", async () => {
    const owner = { id: world.tenant.actors.owner.user_id, session_version: 1 };
    const theirs = await beginSession(owner, here);
    const me = await asking(await beginSession(person, here));
    expect(await listMySessions(me, {})).toHaveLength(1);
    const end = endMySession(me, { session_id: (await rowOf(theirs)).id });
    await expect(end).rejects.toMatchObject({ code: "NOT_FOUND" });
    await endMyOtherSessions(me, {});
    expect(await goesOn(theirs)).toBe(true);
  });

  test("cannot prolong a session, nor can a tenant see one: the database refuses", async () => {
    await beginSession(person, here);
    const prolong = transaction(
      { as: "account", user_id: person.id },
      (db) => db.$executeRaw`UPDATE sessions SET ends_at = ends_at + interval '1 day'`,
    );
    await expect(prolong).rejects.toThrow("permission denied");
    const look = transaction(
      { as: "app", tenant_id: world.tenant.id },
      (db) => db.$queryRaw`SELECT id FROM sessions`,
    );
    await expect(look).rejects.toThrow("permission denied");
    const hashes = transaction({ as: "identity" }, (db) => db.$queryRaw`SELECT secret_hash FROM sessions`);
    await expect(hashes).rejects.toThrow("permission denied");
  });
});
