import { hash } from "@node-rs/argon2";
import { describe, expect, test } from "vitest";
import { transaction } from "#lib/db/transaction";
import { provisionTenant } from "#lib/members/provision-tenant";
import { commandLine } from "#lib/platform/by";
import { makeResetLink } from "#lib/platform/people";
import { resetPassword } from "#lib/platform/reset-password";
import { withWorld } from "#lib/testing/world";
import { changePassword } from "./change-password.ts";
import { currentUser } from "./current-user.ts";
import { savePreferences } from "./preferences.ts";
import { beginSession } from "./sessions.ts";
import { type SignedInUser, signIn } from "./sign-in.ts";

const world = withWorld({ policies: 1 });
const first = "correct horse battery staple";
const second = "an altogether different sentence";
let people = 0;

/** Somebody of this test's alone, in a tenant of their own. */
async function somebody() {
  people += 1;
  const email = `somebody.${people}@account.example`;
  const { tenant_id } = await provisionTenant(`Account ${people}`, [
    { email, name: "Some Body", role: "operator", password: first },
  ]);
  const user = await signIn({ email, password: first });
  if (!user) throw new Error("the new person cannot sign in");
  return { ...user, tenant_id };
}

const nowhere = { address: null, device: null };

const change = (id: number, current_password: string, new_password: string) =>
  changePassword({ kind: "user", user_id: id }, { current_password, new_password });

describe("a password", () => {
  test("is changed by who knows the current one: the old one and all sessions end, and the audit log says so", async () => {
    const { tenant_id, ...before } = await somebody();
    const { id, email } = before;
    const sessions = [await beginSession(before, nowhere), await beginSession(before, nowhere)];
    const changed = await change(id, first, second);
    expect(await signIn({ email, password: first })).toBeNull();
    expect(await signIn({ email, password: second })).toMatchObject({ id });
    for (const session of sessions) expect(await currentUser(session, null)).toBeNull();
    // What was proven with the old password, a moment before.
    await expect(beginSession(before, nowhere)).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect(await currentUser(await beginSession(changed, nowhere), null)).toMatchObject({ email });
    const { rows } = await world.admin.query(
      "SELECT actor_kind, actor_id, action, details FROM audit_log WHERE tenant_id = $1 AND action LIKE 'member.%'",
      [tenant_id],
    );
    expect(rows).toEqual([
      { actor_kind: "user", actor_id: id, action: "member.password_changed", details: {} },
    ]);
    const stored = await world.admin.query("SELECT password_hash FROM users WHERE id = $1", [id]);
    expect(stored.rows[0].password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  test("of who is a member of no tenant is changed under the eyes of the platform's log", async () => {
    const { id } = await somebody();
    await world.admin.query("DELETE FROM memberships WHERE user_id = $1", [id]);
    await change(id, first, second);
    const { rows } = await world.admin.query(
      "SELECT tenant_id, actor_name, target_id FROM audit_log WHERE action = 'member.password_changed' AND actor_id = $1",
      [id],
    );
    expect(rows).toEqual([{ tenant_id: null, actor_name: "Some Body", target_id: id }]);
  });

  test("that is changed ends the link by which another could be chosen", async () => {
    const { id, email } = await somebody();
    const { path } = await transaction({ as: "identity" }, (db) => makeResetLink(db, commandLine, { id }));
    await change(id, first, second);
    await expect(
      resetPassword(path.replace("/reset/", ""), "a sentence of whoever has the link"),
    ).rejects.toMatchObject({ code: "NOT_FOUND" });
    expect(await signIn({ email, password: second })).toMatchObject({ id });
  });

  test("stays when the current one is wrong, or the new one does not do", async () => {
    const { id, email } = await somebody();
    const fault = (current_password: string, new_password: string) =>
      change(id, current_password, new_password).catch((error) => error.errors?.[0]);
    expect(await fault("wrong", second)).toMatchObject({ path: "current_password" });
    expect(await fault(first, first)).toMatchObject({ path: "new_password", message: /differ/ });
    expect(await fault(first, "short")).toMatchObject({ path: "new_password" });
    expect(await fault(first, email)).toMatchObject({ path: "new_password" });
    expect(await signIn({ email, password: first })).toMatchObject({ id });
  });

  test("cannot be guessed here either: wrong current passwords count with failed sign-ins", async () => {
    const { id, email } = await somebody();
    for (let guess = 1; guess <= 5; guess += 1) {
      await signIn({ email, password: `guess ${guess}` });
      await change(id, `guess ${guess}`, second).catch(() => {});
    }
    await expect(change(id, first, second)).rejects.toMatchObject({ code: "TOO_MANY_ATTEMPTS" });
    await expect(signIn({ email, password: first })).rejects.toMatchObject({ code: "TOO_MANY_ATTEMPTS" });
    await world.admin.query("UPDATE sign_in_attempts SET expires_at = expires_at - interval '15 minutes'");
    expect(await change(id, first, second)).toMatchObject({ id });
  });

  test("is hashed anew at the next sign-in when it was hashed with older parameters", async () => {
    const { id, email } = await somebody();
    const older = await hash(first, { memoryCost: 8_192, timeCost: 1, parallelism: 1 });
    await world.admin.query("UPDATE users SET password_hash = $2 WHERE id = $1", [id, older]);
    const stored = async () =>
      (await world.admin.query("SELECT password_hash FROM users WHERE id = $1", [id])).rows[0].password_hash;
    expect(await signIn({ email, password: "wrong" })).toBeNull();
    expect(await stored()).toBe(older);
    expect(await signIn({ email, password: first })).toMatchObject({ id });
    const rehashed = await stored();
    expect(rehashed).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await signIn({ email, password: first })).toMatchObject({ id });
    expect(await stored()).toBe(rehashed);
  });

  test("lapses after seven days when somebody else made it, and no other does", async () => {
    const { id, email } = await somebody();
    const set = (is_initial: boolean, age: string) =>
      world.admin.query(
        "UPDATE users SET password_is_initial = $2, password_set_at = now() - $3::interval WHERE id = $1",
        [id, is_initial, age],
      );
    await set(true, "6 days 23 hours");
    expect(await signIn({ email, password: first })).toMatchObject({ id });
    await set(true, "7 days");
    await expect(signIn({ email, password: first })).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(await signIn({ email, password: "wrong" })).toBeNull();
    await set(false, "10 years");
    expect(await signIn({ email, password: first })).toMatchObject({ id });
    await set(true, "1 day");
    await change(id, first, second);
    const { rows } = await world.admin.query(
      "SELECT password_is_initial, password_set_at > now() - interval '1 minute' AS is_new FROM users WHERE id = $1",
      [id],
    );
    expect(rows).toEqual([{ password_is_initial: false, is_new: true }]);
  });
});

describe("preferences", () => {
  const preferencesOf = async (person: SignedInUser) =>
    (await currentUser(await beginSession(person, nowhere), null))?.preferences;

  test("begin with what most people want, and change one at a time", async () => {
    const person = await somebody();
    expect(await preferencesOf(person)).toEqual({
      time_zone: null,
      hour_clock: "24",
      shortcuts_enabled: true,
      muted_notifications: [],
    });
    await savePreferences({ kind: "user", user_id: person.id }, { shortcuts_enabled: false });
    await savePreferences({ kind: "user", user_id: person.id }, { time_zone: "America/St_Johns" });
    await savePreferences({ kind: "user", user_id: person.id }, { hour_clock: "12" });
    await savePreferences(
      { kind: "user", user_id: person.id },
      { notification: { kind: "run.started", is_wanted: false } },
    );
    expect(await preferencesOf(person)).toEqual({
      time_zone: "America/St_Johns",
      hour_clock: "12",
      shortcuts_enabled: false,
      muted_notifications: ["run.started"],
    });
    await savePreferences({ kind: "user", user_id: person.id }, { time_zone: null });
    expect(await preferencesOf(person)).toMatchObject({ time_zone: null, shortcuts_enabled: false });
  });

  test("of two tabs that know nothing of each other both count, kind by kind of notification", async () => {
    const person = await somebody();
    const choose = (kind: "run.started" | "run.failed", is_wanted: boolean) =>
      savePreferences({ kind: "user", user_id: person.id }, { notification: { kind, is_wanted } });
    const muted = async () => (await preferencesOf(person))?.muted_notifications;
    await choose("run.started", true);
    expect(await muted()).toEqual([]);
    await Promise.all([choose("run.started", false), choose("run.failed", false)]);
    expect((await muted())?.sort()).toEqual(["run.failed", "run.started"]);
    await choose("run.failed", false);
    await choose("run.started", true);
    expect(await muted()).toEqual(["run.failed"]);
    await savePreferences({ kind: "user", user_id: person.id }, { hour_clock: "12" });
    expect(await muted()).toEqual(["run.failed"]);
  });

  test.each([
    [{ time_zone: "Middle/Earth" }, "time_zone"],
    [{ time_zone: "+02:00" }, "time_zone"],
    [{ hour_clock: "10" }, "hour_clock"],
    [{ notification: { kind: "everything", is_wanted: true } }, "notification.kind"],
    [{ user_id: 1 }, "user_id"],
  ])("refuse %j", async (change, path) => {
    const { id } = await somebody();
    await expect(savePreferences({ kind: "user", user_id: id }, change as object)).rejects.toMatchObject({
      code: "VALIDATION_FAILED",
      errors: [{ path }],
    });
  });
});

test.each(["some\0body@account.example", "\ud800@account.example"])(
  "an address that no account can have, %j, is a wrong sign-in",
  async (email) => {
    expect(await signIn({ email, password: first })).toBeNull();
  },
);
