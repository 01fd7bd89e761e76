import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { savePreferences } from "#lib/access/preferences";
import { withWorld } from "#lib/testing/world";

/** The second lock on what belongs to a person: what the database refuses, whoever asks. */

const world = withWorld({ policies: 1 });
let owner: pg.Client;

beforeAll(async () => {
  for (const tenant of [world.tenant, world.foreign]) {
    await savePreferences(tenant.actors.owner, { notification: { kind: "run.started", is_wanted: false } });
  }
  owner = new pg.Client({ connectionString: world.database.ownerUrl });
  await owner.connect();
});
afterAll(() => owner?.end());

/** Runs a statement in a transaction of its own, as a role that is bound to a tenant or a person. */
async function as(role: string, bound: { tenant?: number; user?: number }, sql: string) {
  await owner.query("BEGIN");
  try {
    await owner.query(`SET LOCAL ROLE ${role}`);
    await owner.query("SELECT set_config('app.tenant_id', $1, true), set_config('app.user_id', $2, true)", [
      String(bound.tenant ?? ""),
      String(bound.user ?? ""),
    ]);
    return await owner.query(sql);
  } finally {
    await owner.query("ROLLBACK");
  }
}

describe("a person", () => {
  const me = () => ({ user: world.tenant.actors.owner.user_id });
  const other = () => world.foreign.actors.owner.user_id;

  test("reads and writes their own row alone", async () => {
    const mine = await as("tenantpilot_account", me(), "SELECT user_id FROM user_preferences");
    expect(mine.rows).toEqual([{ user_id: me().user }]);
    const update = await as(
      "tenantpilot_account",
      me(),
      "UPDATE user_preferences SET shortcuts_enabled = false",
    );
    expect(update.rowCount).toBe(1);
    const insert = `INSERT INTO user_preferences (user_id) VALUES (${world.tenant.actors.readonly.user_id})`;
    await expect(as("tenantpilot_account", me(), insert)).rejects.toMatchObject({ code: "42501" });
  });

  test("changes their own password alone, and neither name nor address", async () => {
    const sql = "UPDATE users SET password_hash = 'x', session_version = session_version + 1";
    expect((await as("tenantpilot_account", me(), sql)).rowCount).toBe(1);
    const name = as("tenantpilot_account", me(), "UPDATE users SET email = 'x@y.example'");
    await expect(name).rejects.toMatchObject({ code: "42501" });
    const seen = await as("tenantpilot_account", me(), "SELECT id FROM users");
    expect(seen.rows).toEqual([{ id: me().user }]);
  });

  test("says in the audit log only what they did, and only in their tenants", async () => {
    const entry = (tenant: number, actor: number) =>
      as(
        "tenantpilot_account",
        me(),
        `INSERT INTO audit_log (tenant_id, actor_kind, actor_id, actor_name, action)
         VALUES (${tenant}, 'user', ${actor}, 'me', 'member.password_changed')`,
      );
    expect((await entry(world.tenant.id, me().user)).rowCount).toBe(1);
    await expect(entry(world.foreign.id, me().user)).rejects.toMatchObject({ code: "42501" });
    await expect(entry(world.tenant.id, other())).rejects.toMatchObject({ code: "42501" });
  });
});

describe("a tenant", () => {
  test("learns which notifications its members want, and nothing else of their preferences", async () => {
    const bound = { tenant: world.tenant.id };
    const seen = await as(
      "tenantpilot_app",
      bound,
      "SELECT user_id, muted_notifications FROM user_preferences",
    );
    expect(seen.rows).toEqual([
      { user_id: world.tenant.actors.owner.user_id, muted_notifications: ["run.started"] },
    ]);
    for (const sql of [
      "SELECT time_zone FROM user_preferences",
      "UPDATE user_preferences SET muted_notifications = '{}'",
      "DELETE FROM user_preferences",
    ]) {
      await expect(as("tenantpilot_app", bound, sql)).rejects.toMatchObject({ code: "42501" });
    }
  });

  test("without being bound, nobody sees anything", async () => {
    for (const role of ["tenantpilot_app", "tenantpilot_account"]) {
      const seen = await as(role, {}, "SELECT user_id, muted_notifications FROM user_preferences");
      expect(seen.rows).toEqual([]);
    }
    expect((await owner.query("SELECT * FROM user_preferences")).rows).toEqual([]);
  });
});
