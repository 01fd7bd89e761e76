import { Secret, TOTP } from "otpauth";
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { securityEventsRecorded } from "#lib/audit/security";
import { transaction } from "#lib/db/transaction";
import { withWorld } from "#lib/testing/world";
import { retentionActor } from "./actor.ts";
import { currentUser } from "./current-user.ts";
import { purgeOldSessions } from "./purge-sessions.ts";
import {
  beginSecondFactor,
  confirmSecondFactor,
  getMySecondFactor,
  makeRecoveryCodes,
  removeSecondFactor,
} from "./second-factor.ts";
import { beginSession, endAllSessions, type SessionProof } from "./sessions.ts";
import { beginSignIn, CodeRequired, finishSignIn, signIn } from "./sign-in.ts";

const world = withWorld({ policies: 1 });
const email = "manager@tenant1.example";
const password = "correct horse battery staple";
const credentials = { email, password };
const nowhere = { address: null, device: null };
const home = "198.51.100.7";
let me: { kind: "user"; user_id: number };
let secret: string;
let codes: string[];
/** The code that confirmed the app, and the one before it. */
let used: string[];

/** The code that the app shows, now or some steps later. */
const codeAt = (steps = 0) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });
/** As if the last code had been entered long ago. */
async function freshCode(): Promise<string> {
  await world.admin.query("UPDATE second_factors SET last_step = 0");
  return codeAt();
}
const wrongCode = () => String((Number(codeAt()) + 1) % 1_000_000).padStart(6, "0");
/** What the right password gives, for the second step. */
async function pendingOf(client: string | null = null): Promise<string> {
  const begun = await beginSignIn(credentials, client);
  if (!begun || !("pending" in begun)) throw new Error("no code is asked for");
  return begun.pending;
}
const outcome = (call: Promise<unknown>) =>
  call.then(
    (result) => (result ? "in" : "wrong"),
    (error) => error.code,
  );
const sessionsThere = async () =>
  (await world.admin.query("SELECT count(*)::int AS n FROM sessions WHERE user_id = $1", [me.user_id]))
    .rows[0].n;
const logged = async () => {
  await securityEventsRecorded();
  const { rows } = await world.admin.query(
    "SELECT action FROM audit_log WHERE tenant_id = $1 AND action ~ 'second_factor|recovery|code' ORDER BY id",
    [world.tenant.id],
  );
  return rows.map(({ action }) => action);
};

beforeAll(() => {
  me = world.tenant.actors.manager;
});
beforeEach(() => world.admin.query("DELETE FROM sign_in_attempts"));

describe("two-step sign-in", () => {
  test("is turned on with the password and a first code, and shows its codes once", async () => {
    const person = await signIn(credentials);
    if (!person) throw new Error("the manager cannot sign in");
    const [here, elsewhere] = [await beginSession(person, nowhere), await beginSession(person, nowhere)];
    const session = (await currentUser(here, null))?.session;
    if (!session) throw new Error("there is no session");
    const actor = { ...me, session: { id: session.id, client: null } };
    await expect(beginSecondFactor(actor, { password: "wrong" })).rejects.toMatchObject({
      errors: [{ path: "password" }],
    });
    await expect(confirmSecondFactor(actor, { code: "123456" })).rejects.toMatchObject({ code: "CONFLICT" });
    // Of two that are begun, the later one counts.
    await beginSecondFactor(actor, { password });
    ({ secret } = await beginSecondFactor(actor, { password }));
    expect(await signIn(credentials)).toMatchObject({ id: me.user_id });
    for (const code of [wrongCode(), codeAt(9)])
      await expect(confirmSecondFactor(actor, { code })).rejects.toMatchObject({
        errors: [{ path: "code" }],
      });
    expect(await getMySecondFactor(actor, {})).toMatchObject({ since: null, recovery_codes_left: 0 });

    // A sign-in that is under way has shown the password alone.
    const underway = await signIn(credentials);
    used = [codeAt(), codeAt(-1)];
    ({ recovery_codes: codes } = await confirmSecondFactor(actor, {
      code: (used[0] ?? "").replace(/^.../, "$& "),
    }));
    expect(codes).toHaveLength(10);
    for (const each of codes) expect(each).toMatch(/^([a-z2-9]{4}-){5}[a-z2-9]{4}$/);
    expect(await getMySecondFactor(actor, {})).toMatchObject({
      since: expect.any(String),
      recovery_codes_left: 10,
    });
    await expect(beginSecondFactor(actor, { password })).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await currentUser(here, null)).toMatchObject({ email });
    expect(await currentUser(elsewhere, null)).toBeNull();
    if (!underway) throw new Error("the password was right");
    await expect(beginSession(underway, { address: null, device: null })).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    });
    expect(await logged()).toEqual(["member.second_factor_added"]);
  });

  test("stores neither the secret nor a code in clear, and shows them to their person alone", async () => {
    const { rows } = await world.admin.query(
      "SELECT encode(secret_ciphertext, 'escape') AS sealed, (SELECT string_agg(code_hash, ' ') FROM recovery_codes) AS hashes FROM second_factors",
    );
    for (const each of [secret, ...codes, ...codes.map((code) => code.replaceAll("-", ""))])
      expect(JSON.stringify(rows)).not.toContain(each);
    const seen = (user_id: number) =>
      transaction(
        { as: "account", user_id },
        (db) => db.$queryRaw<unknown[]>`
          SELECT user_id FROM second_factors UNION ALL SELECT user_id FROM recovery_codes`,
      );
    expect(await seen(me.user_id)).toHaveLength(11);
    expect(await seen(world.tenant.actors.owner.user_id)).toEqual([]);
  });

  test("begins no session before the code is right, and no code works twice", async () => {
    const before = await sessionsThere();
    await expect(signIn(credentials)).rejects.toBeInstanceOf(CodeRequired);
    expect(await signIn({ ...credentials, password: "wrong", code: codeAt(1) })).toBeNull();
    const pending = await pendingOf();
    expect(await finishSignIn(pending, wrongCode(), null)).toBeNull();
    for (const code of used) expect(await finishSignIn(pending, code, null)).toBeNull();
    const next = codeAt(1);
    expect(await finishSignIn(pending, next, null)).toMatchObject({ id: me.user_id, email });
    expect(await outcome(finishSignIn(pending, await freshCode(), null))).toBe("UNAUTHENTICATED");
    await world.admin.query("UPDATE second_factors SET last_step = $1", [
      Math.floor(Date.now() / 30_000) + 1,
    ]);
    expect(await finishSignIn(await pendingOf(), next, null)).toBeNull();
    expect(await signIn({ ...credentials, code: await freshCode() })).toMatchObject({ id: me.user_id });
    expect(await sessionsThere()).toBe(before);
    expect(await logged()).toContain("sign_in.code_failed");
  });

  test("lets one of several in that have the same code, or the same password step, at the same time", async () => {
    const code = await freshCode();
    const pendings = await Promise.all([1, 2, 3].map(() => pendingOf()));
    const same = await Promise.all(pendings.map((pending) => outcome(finishSignIn(pending, code, null))));
    expect(same.sort()).toEqual(["in", "wrong", "wrong"]);
    const pending = await pendingOf();
    const [first = "", second = ""] = codes;
    const both = await Promise.all([first, second].map((each) => outcome(finishSignIn(pending, each, null))));
    expect(both.sort()).toEqual(["UNAUTHENTICATED", "in"]);
    // Who came too late has not used their code up.
    expect(await getMySecondFactor(me, {})).toMatchObject({ recovery_codes_left: 9 });
  });

  test("takes a recovery code as people type it, once, whoever is first", async () => {
    const code = codes[4] ?? "";
    const pendings = await Promise.all([1, 2, 3].map(() => pendingOf()));
    const typed = [code, ` ${code.toUpperCase()} `, code.replaceAll("-", " ")];
    const tries = await Promise.all(
      pendings.map((pending, at) => outcome(finishSignIn(pending, typed[at] ?? "", null))),
    );
    expect(tries.sort()).toEqual(["in", "wrong", "wrong"]);
    expect(await finishSignIn(await pendingOf(), code, null)).toBeNull();
    expect(await getMySecondFactor(me, {})).toMatchObject({ recovery_codes_left: 8 });
    expect(await logged()).toContain("sign_in.recovery_code_used");
  });

  test("waits for the code for five minutes, and no longer than the person's sessions may go on", async () => {
    const late = await pendingOf();
    await world.admin.query("UPDATE pending_sign_ins SET expires_at = expires_at - interval '5 minutes'");
    expect(await outcome(finishSignIn(late, await freshCode(), null))).toBe("UNAUTHENTICATED");
    const open = await pendingOf();
    await endAllSessions(me.user_id);
    expect(await outcome(finishSignIn(open, await freshCode(), null))).toBe("UNAUTHENTICATED");
    expect(await outcome(finishSignIn("nonsense", codeAt(), null))).toBe("UNAUTHENTICATED");
    await purgeOldSessions(retentionActor, {});
    const { rows } = await world.admin.query("SELECT min(expires_at) > now() AS kept FROM pending_sign_ins");
    expect(rows).toEqual([{ kept: true }]);
  });

  test("cannot be guessed: ten wrong codes, at once or by and by, however often the password is entered", async () => {
    expect(await signIn({ ...credentials, code: await freshCode() }, home)).not.toBeNull();
    const stranger = "203.0.113.9";
    const pending = await pendingOf(stranger);
    const guess = () => outcome(finishSignIn(pending, wrongCode(), stranger));
    const answers = await Promise.all(Array.from({ length: 14 }, guess));
    expect(answers.filter((answer) => answer === "wrong")).toHaveLength(10);
    expect(answers.filter((answer) => answer === "TOO_MANY_ATTEMPTS")).toHaveLength(4);
    // Neither the password nor another network gives new tries, and not even the right code gets through.
    for (const client of [stranger, "192.0.2.77"])
      expect(await outcome(finishSignIn(await pendingOf(client), await freshCode(), client))).toBe(
        "TOO_MANY_ATTEMPTS",
      );
    // Right passwords stay counted until the code is right, too.
    const pair = "UPDATE sign_in_attempts SET attempts = attempts + 8 WHERE kind = 'pair' AND attempts = 2";
    expect((await world.admin.query(pair)).rowCount).toBe(1);
    await expect(pendingOf(stranger)).rejects.toMatchObject({ code: "TOO_MANY_ATTEMPTS" });
    // The person at home is not held up by any of it.
    expect(await signIn({ ...credentials, code: await freshCode() }, home)).toMatchObject({ email });
    expect(await logged()).toContain("sign_in.code_failed");
  });

  test("is changed and turned off by who has password and code, and makes new recovery codes", async () => {
    for (const operation of [makeRecoveryCodes, removeSecondFactor]) {
      const fault = async (input: { password: string; code: string }) =>
        operation(me, input).catch((error) => error.errors?.[0]);
      expect(await fault({ password: "wrong", code: await freshCode() })).toMatchObject({ path: "password" });
      expect(await fault({ password, code: wrongCode() })).toMatchObject({ path: "code" });
    }
    const { recovery_codes } = await makeRecoveryCodes(me, { password, code: await freshCode() });
    expect(await finishSignIn(await pendingOf(), codes[9] ?? "", null)).toBeNull();
    expect(await finishSignIn(await pendingOf(), recovery_codes[0] ?? "", null)).not.toBeNull();
    expect(await getMySecondFactor(me, {})).toMatchObject({ recovery_codes_left: 9 });

    vi.stubEnv("REQUIRE_TOTP", "all");
    // The way to another phone, also where it is required: what is owed then is told by the first duty.
    await removeSecondFactor(me, { password, code: recovery_codes[1] ?? "" });
    expect(await getMySecondFactor(me, {})).toMatchObject({ since: null, is_required: true });
    vi.unstubAllEnvs();
    expect(await signIn(credentials)).toMatchObject({ id: me.user_id });
    const { rows } = await world.admin.query("SELECT FROM recovery_codes");
    expect(rows).toEqual([]);
    await expect(makeRecoveryCodes(me, { password, code: codeAt() })).rejects.toMatchObject({
      code: "CONFLICT",
    });
    expect((await logged()).filter((action) => action.startsWith("member."))).toEqual([
      "member.second_factor_added",
      "member.recovery_codes_made",
      "member.second_factor_removed",
    ]);
  });

  test("comes first, where it is required, in a session that began with the password alone", async () => {
    const { owner } = world.tenant.actors;
    const person = await signIn({ email: "owner@tenant1.example", password });
    if (!person) throw new Error("the owner cannot sign in");
    const seenBy = async (proof: SessionProof) => {
      const session = (await currentUser(await beginSession(person, nowhere, proof), null))?.session;
      if (!session) throw new Error("there is no session");
      return getMySecondFactor({ ...owner, session: { id: session.id, client: null } }, {});
    };
    expect(await seenBy("password")).toMatchObject({ is_required: false, comes_first: false });
    vi.stubEnv("REQUIRE_TOTP", "all");
    expect(await seenBy("password")).toMatchObject({ is_required: true, comes_first: true });
    // Who came by Microsoft has been asked there: nothing would ask them for another phone.
    expect(await seenBy("entra")).toMatchObject({ is_required: true, comes_first: false });
    vi.unstubAllEnvs();
  });

  test("is set up within fifteen minutes, and not by who signs in with Microsoft alone", async () => {
    ({ secret } = await beginSecondFactor(me, { password }));
    await world.admin.query("UPDATE second_factors SET begun_at = begun_at - interval '15 minutes'");
    await expect(confirmSecondFactor(me, { code: codeAt() })).rejects.toMatchObject({ code: "CONFLICT" });
    await world.admin.query("UPDATE users SET has_password = false WHERE id = $1", [me.user_id]);
    await expect(beginSecondFactor(me, { password })).rejects.toMatchObject({ code: "FORBIDDEN" });
  });

  test("of who is a member of no tenant is in the platform's log", async () => {
    const { user_id } = world.foreign.actors.readonly;
    await world.admin.query("DELETE FROM memberships WHERE user_id = $1", [user_id]);
    ({ secret } = await beginSecondFactor({ kind: "user", user_id }, { password }));
    await confirmSecondFactor({ kind: "user", user_id }, { code: codeAt() });
    const { rows } = await world.admin.query(
      "SELECT tenant_id FROM audit_log WHERE action = 'member.second_factor_added' AND actor_id = $1",
      [user_id],
    );
    expect(rows).toEqual([{ tenant_id: null }]);
  });
});
