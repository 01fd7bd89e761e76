import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Actor, dispatcherActor } from "#lib/access/actor";
import { allTenantIds } from "#lib/access/all-tenants";
import { beginSession } from "#lib/access/sessions";
import { signIn } from "#lib/access/sign-in";
import { securityEventsRecorded } from "#lib/audit/security";
import { transaction } from "#lib/db/transaction";
import { acceptAsNewPerson } from "#lib/members/accept-invitation";
import { getTenantName } from "#lib/overview/my-tenants";
import { sweepRetention } from "#lib/retention/retention";
import { executeRun } from "#lib/runs/execute";
import { startRun } from "#lib/runs/start";
import { dispatchBatch } from "#lib/schedules/dispatch";
import { restoreSet } from "#lib/sets/bin";
import { listBackupSets } from "#lib/sets/sets";
import { makeSchedule } from "#lib/testing/schedules";
import { until, withWorld } from "#lib/testing/world";
import { listPlatformLog } from "./audit-log.ts";
import { commandLine } from "./by.ts";
import { deleteTenant, withoutWaiting } from "./delete-tenant.ts";
import { setAdministrator, setDisabled } from "./people.ts";
import { resetPassword } from "./reset-password.ts";
import { archiveTenant, createTenant, listTenants, renameTenant, unarchiveTenant } from "./tenants.ts";
import {
  disableUser,
  enableUser,
  endUserSessions,
  listUsers,
  makeUserAdministrator,
  makeUserResetLink,
  removeUserSecondFactor,
  unmakeUserAdministrator,
} from "./users.ts";

const world = withWorld({ policies: 5 });
const password = "correct horse battery staple";
/** A platform administrator, who is a member of the other tenant. */
let administrator: Actor & { kind: "user" };
let id: number;
let scheduleId: number;

beforeAll(async () => {
  administrator = world.foreign.actors.manager;
  await world.admin.query("UPDATE users SET is_platform_admin = true WHERE id = $1", [administrator.user_id]);
  id = world.tenant.id;
  const { manager, operator } = world.tenant.actors;
  scheduleId = (await makeSchedule(manager, id, { missed_run_policy: "run_latest" })).id;
  const run = await startRun(operator, id, { schedule_id: scheduleId });
  await executeRun(id, run.id, new AbortController().signal);
});

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => "DONE",
    (error) => error.code,
  );
const log = async (tenantId: number | null) =>
  (
    await world.admin.query(
      "SELECT action FROM audit_log WHERE tenant_id IS NOT DISTINCT FROM $1 AND action ~ '^(tenant|user)[.]' ORDER BY id",
      [tenantId],
    )
  ).rows.map(({ action }) => action);
/** How many rows each table has of a tenant, the chain of its log included. */
async function rowsOf(tenantId: number): Promise<Record<string, number>> {
  const { rows: tables } = await world.admin.query(`
    SELECT c.relname AS name, a.attname AS column FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attname IN ('tenant_id', 'chain')`);
  const counts: Record<string, number> = {};
  for (const { name, column } of tables) {
    const { rows } = await world.admin.query(
      `SELECT count(*)::int AS count FROM ${name} WHERE ${column} = $1`,
      [tenantId],
    );
    counts[name] = rows[0].count;
  }
  return counts;
}

test("an administrator makes a tenant whose owner is invited, and sees nothing of what is in one", async () => {
  const made = await createTenant(administrator, {
    name: "Northwind",
    owner_email: "New.Owner@northwind.example",
  });
  expect(await codeOf(getTenantName(administrator, made.id, {}))).toBe("NOT_FOUND");
  expect(await codeOf(getTenantName(administrator, id, {}))).toBe("NOT_FOUND");
  const token = made.invitation.path.replace("/invitations/", "");
  const owner = await acceptAsNewPerson(token, { name: "Nora", password: "a sentence of their own" });
  await renameTenant(administrator, { tenant_id: made.id, name: "Northwind Traders" });
  expect(await getTenantName({ kind: "user", user_id: owner.id }, made.id, {})).toMatchObject({
    name: "Northwind Traders",
    role: "owner",
  });
  expect(await listTenants(administrator, {})).toEqual([
    expect.objectContaining({ name: "Northwind Traders", members: 1, owners: 1, archived_at: null }),
    expect.objectContaining({ name: "Tenant 1", members: 4, owners: 1 }),
    expect.objectContaining({ name: "Tenant 2", members: 4, owners: 1 }),
  ]);
  expect(await log(made.id)).toEqual(["tenant.created", "tenant.renamed"]);
  // An owner who is disabled is none who can act.
  await world.admin.query("UPDATE users SET disabled_at = now() WHERE id = $1", [owner.id]);
  expect((await listTenants(administrator, {})).find((tenant) => tenant.id === made.id)).toMatchObject({
    members: 1,
    owners: 0,
  });
});

test("an administrator finds people, disables and enables them, ends their sessions and lets them in again", async () => {
  const email = "operator@tenant1.example";
  const [found, ...others] = await listUsers(administrator, { search: "OPERATOR@tenant1" });
  expect(others).toEqual([]);
  expect(found).toMatchObject({ email, is_disabled: false, is_platform_admin: false, tenants: 1 });
  expect(await listUsers(administrator, { search: "100%" })).toEqual([]);
  const user_id = found?.id ?? 0;
  const person = await signIn({ email, password });
  if (person) await beginSession(person, { address: null, device: null });
  expect(await endUserSessions(administrator, { user_id })).toEqual({ ended: 1 });
  await disableUser(administrator, { user_id });
  expect(await signIn({ email, password })).toBeNull();
  expect(await codeOf(makeUserResetLink(administrator, { user_id }))).toBe("CONFLICT");
  await enableUser(administrator, { user_id });
  const { path } = await makeUserResetLink(administrator, { user_id });
  await resetPassword(path.replace("/reset/", ""), "a sentence of their own");
  expect(await signIn({ email, password: "a sentence of their own" })).toMatchObject({ id: user_id });
  await world.admin.query(
    "INSERT INTO second_factors (user_id, secret_ciphertext, confirmed_at) SELECT unnest($1::int[]), '\\x00', now()",
    [[user_id, administrator.user_id]],
  );
  expect(await listUsers(administrator, { search: email })).toMatchObject([{ has_second_factor: true }]);
  for (const removed of [true, false])
    expect(await removeUserSecondFactor(administrator, { user_id })).toEqual({ removed });
  expect(await listUsers(administrator, { search: email })).toMatchObject([{ has_second_factor: false }]);
  expect((await log(id)).at(-1)).toBe("user.second_factor_removed");
  const own = { user_id: administrator.user_id };
  expect(await codeOf(removeUserSecondFactor(administrator, own))).toBe("CONFLICT");
  expect(await codeOf(removeUserSecondFactor(world.tenant.actors.owner, own))).toBe("FORBIDDEN");
  expect(await codeOf(disableUser(administrator, own))).toBe("CONFLICT");
  expect(await codeOf(disableUser(administrator, { user_id: 999_999 }))).toBe("NOT_FOUND");
  expect(await log(null)).toEqual([
    "tenant.created",
    "tenant.renamed",
    "user.sessions_ended",
    "user.disabled",
    "user.enabled",
    "user.reset_link_made",
    "user.second_factor_removed",
  ]);
});

test("an administrator makes another one, who takes it from them; the last one stays, also of two who are at it at once", async () => {
  const other = world.foreign.actors.owner;
  const make = (by: Actor, { user_id }: { user_id: number }) =>
    codeOf(makeUserAdministrator(by, { user_id }));
  const unmake = (by: Actor, { user_id }: { user_id: number }) =>
    codeOf(unmakeUserAdministrator(by, { user_id }));
  expect(await make(other, other)).toBe("FORBIDDEN");
  await disableUser(administrator, { user_id: other.user_id });
  expect(await make(administrator, other)).toBe("CONFLICT");
  await enableUser(administrator, { user_id: other.user_id });
  const before = (await log(null)).length;
  expect(await make(administrator, other)).toBe("DONE");
  expect(await make(administrator, other)).toBe("DONE");
  expect(await unmake(other, other)).toBe("CONFLICT");
  expect(await unmake(other, { user_id: 999_999 })).toBe("NOT_FOUND");
  const both = await Promise.all([unmake(administrator, other), unmake(other, administrator)]);
  expect(both.filter((code) => code === "DONE")).toHaveLength(1);
  const { rows } = await world.admin.query("SELECT id FROM users WHERE is_platform_admin");
  const [left] = rows.map(({ id }) => ({ kind: "user", user_id: id }) as const);
  expect(rows).toHaveLength(1);
  if (left?.user_id === other.user_id) {
    expect(await make(other, administrator)).toBe("DONE");
    expect(await unmake(administrator, other)).toBe("DONE");
  }
  // Somebody who cannot sign in is nobody to leave it to.
  await make(administrator, other);
  await world.admin.query("UPDATE users SET disabled_at = now() WHERE id = $1", [other.user_id]);
  const last = await transaction({ as: "identity" }, (db) =>
    codeOf(setAdministrator(db, commandLine, { id: administrator.user_id }, false)),
  );
  expect(last).toBe("CONFLICT");
  await enableUser(administrator, { user_id: other.user_id });
  expect(await unmake(administrator, other)).toBe("DONE");
  expect((await log(null)).slice(before, before + 2)).toEqual([
    "user.made_administrator",
    "user.unmade_administrator",
  ]);
});

describe("the last administrator who can sign in", () => {
  const able = async () =>
    (
      await world.admin.query(
        "SELECT id FROM users WHERE is_platform_admin AND disabled_at IS NULL ORDER BY id",
      )
    ).rows;
  const other = () => world.foreign.actors.owner;
  const disabling = (which: { user_id: number }) =>
    transaction({ as: "identity" }, (db) =>
      codeOf(setDisabled(db, commandLine, { id: which.user_id }, true)),
    );

  beforeEach(async () => {
    await world.admin.query(
      "UPDATE users SET disabled_at = NULL, has_password = true, is_platform_admin = id = ANY($1)",
      [[administrator.user_id, other().user_id]],
    );
  });
  afterAll(() =>
    world.admin.query(
      "UPDATE users SET disabled_at = NULL, has_password = true, is_platform_admin = id = $1",
      [administrator.user_id],
    ),
  );

  test("stays, of two who disable each other, or one of whom unmakes, at once", async () => {
    for (const second of [disableUser, unmakeUserAdministrator]) {
      const both = await Promise.all([
        codeOf(disableUser(administrator, { user_id: other().user_id })),
        codeOf(second(other(), { user_id: administrator.user_id })),
      ]);
      expect(
        both.filter((code) => code === "DONE"),
        second.definition.name,
      ).toHaveLength(1);
      expect(await able()).toHaveLength(1);
      await world.admin.query("UPDATE users SET disabled_at = NULL, is_platform_admin = id = ANY($1)", [
        [administrator.user_id, other().user_id],
      ]);
    }
  });

  test("is not disabled, not by the command line either; whose link was never used is nobody to leave it to", async () => {
    await world.admin.query("UPDATE users SET has_password = false WHERE id = $1", [other().user_id]);
    expect(await disabling(administrator)).toBe("CONFLICT");
    expect(await codeOf(unmakeUserAdministrator(other(), { user_id: administrator.user_id }))).toBe(
      "CONFLICT",
    );
    await world.admin.query(
      "INSERT INTO external_identities (user_id, issuer, subject) VALUES ($1, 'https://login.example', 'other')",
      [other().user_id],
    );
    expect(await disabling(administrator)).toBe("DONE");
    expect(await disabling(other())).toBe("CONFLICT");
    // Who is none is disabled as ever.
    expect(await disabling(world.foreign.actors.readonly)).toBe("DONE");
    await world.admin.query("DELETE FROM external_identities");
  });

  test("an administrator who was unmade while they waited does nothing", async () => {
    const unmaking = await world.admin.connect();
    try {
      await unmaking.query("BEGIN");
      await unmaking.query("UPDATE users SET is_platform_admin = false WHERE id = $1", [other().user_id]);
      await unmaking.query("SELECT 1 FROM users WHERE id = $1 FOR UPDATE", [
        world.tenant.actors.readonly.user_id,
      ]);
      const late = codeOf(endUserSessions(other(), { user_id: world.tenant.actors.readonly.user_id }));
      const waiting =
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
      await until("it waits", async () => (await unmaking.query(waiting)).rowCount, 5);
      await unmaking.query("COMMIT");
      expect(await late).toBe("FORBIDDEN");
    } finally {
      await unmaking.query("ROLLBACK");
      unmaking.release();
    }
  });
});

test("the platform's log is read by administrators, a page at a time and by filters, and no tenant's is in it", async () => {
  const read = async (input: Parameters<typeof listPlatformLog>[1]) =>
    (await listPlatformLog(administrator, input)).items.map(
      ({ action, target_name }) => `${action} ${target_name}`,
    );
  await expect(listPlatformLog(world.tenant.actors.owner, {})).rejects.toMatchObject({ code: "FORBIDDEN" });
  await securityEventsRecorded();
  const { rows } = await world.admin.query(
    "SELECT count(*)::int AS count FROM audit_log WHERE tenant_id IS NULL",
  );
  const all = await listPlatformLog(administrator, { limit: 200 });
  expect(all.items).toHaveLength(rows[0].count);
  expect(all.items.map(({ sequence }) => sequence)).toEqual(all.items.map((_, at) => all.items.length - at));
  const first = await listPlatformLog(administrator, { limit: 2 });
  const second = await listPlatformLog(administrator, { limit: 2, cursor: first.next_cursor ?? "" });
  expect([...first.items, ...second.items]).toEqual(all.items.slice(0, 4));

  expect(await read({ action: "tenant" })).toEqual([
    "tenant.renamed Northwind Traders",
    "tenant.created Northwind",
  ]);
  expect(await read({ search: "northwind traders", action: "tenant.created" })).toEqual([
    "tenant.created Northwind",
  ]);
  expect(await read({ search: "operator@tenant1", action: "user.disabled" })).toEqual([
    "user.disabled operator 1",
  ]);
  // Of what the owner has done, only that they were refused here.
  const ofOwner = await read({ actor: `user:${world.tenant.actors.owner.user_id}` });
  expect(new Set(ofOwner)).toEqual(new Set(["access.refused null"]));
});

describe("an archived tenant", () => {
  const due = async () => {
    await world.admin.query(
      "UPDATE backup_schedules SET next_run_at = now() - interval '1 minute' WHERE id = $1",
      [scheduleId],
    );
    return (await dispatchBatch(dispatcherActor, {})).claimed;
  };

  const archivedFor = (time: string) =>
    world.admin.query("UPDATE tenants SET archived_at = now() - $2::interval WHERE id = $1", [id, time]);

  test("waits before it is deleted, whatever web's login says: when it was archived and how long are not its to say", async () => {
    const asWeb = (change: string) => transaction({ as: "identity" }, (db) => db.$executeRawUnsafe(change));
    await archiveTenant(administrator, { tenant_id: id });
    const archivedAt = async () =>
      (await world.admin.query("SELECT archived_at FROM tenants WHERE id = $1", [id])).rows[0].archived_at;
    const before = await archivedAt();
    await asWeb(`UPDATE tenants SET archived_at = now() - interval '9 days' WHERE id = ${id}`);
    expect(await archivedAt()).toEqual(before);
    const refused: [string, RegExp][] = [
      [`UPDATE tenants SET deleted_at = now() WHERE id = ${id}`, /cannot be deleted yet/],
      [
        `UPDATE tenants SET archived_at = now() - interval '9 days', deleted_at = now() WHERE id = ${id}`,
        /cannot be deleted yet/,
      ],
      ["INSERT INTO tenants (name, archived_at, deleted_at) VALUES ('x', '2020-01-01', now())", /cannot be/],
      ["UPDATE installation SET tenant_deletion_wait_hours = 0", /permission denied/],
      ["UPDATE tenants SET id = 0", /permission denied/],
    ];
    for (const [change, words] of refused) await expect(asWeb(change), change).rejects.toThrow(words);
    expect(await transaction({ as: "identity" }, (db) => codeOf(withoutWaiting(db, async () => 0)))).toBe(
      "FORBIDDEN",
    );
    // Taken back and archived anew, it waits anew.
    await archivedFor("30 hours");
    await unarchiveTenant(administrator, { tenant_id: id });
    await archiveTenant(administrator, { tenant_id: id });
    expect(await codeOf(deleteTenant(administrator, { tenant_id: id, name: "Tenant 1" }))).toBe("CONFLICT");
    await unarchiveTenant(administrator, { tenant_id: id });
  });

  test("is deleted at once by the owner of the database, who shortens the wait for nobody else", async () => {
    const made = await createTenant(administrator, { name: "Mistake", owner_email: "a@mistake.example" });
    await archiveTenant(administrator, { tenant_id: made.id });
    const args = ["scripts/delete-tenant.ts", "--id", String(made.id), "--name", "Mistake", "--now"];
    const { url: DATABASE_URL, ownerUrl: DATABASE_OWNER_URL } = world.database;
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      env: { ...process.env, DATABASE_URL, DATABASE_OWNER_URL },
    });
    expect(stdout).toBe(`The tenant ${made.id} "Mistake" is gone.\n`);
    expect((await world.admin.query("SELECT FROM tenants WHERE id = $1", [made.id])).rowCount).toBe(0);
    const { rows } = await world.admin.query("SELECT tenant_deletion_wait_hours AS hours FROM installation");
    expect(rows).toEqual([{ hours: 24 }]);
  });

  test("dispatches nothing, is read-only, and comes back", async () => {
    const { owner, manager } = world.tenant.actors;
    await archiveTenant(administrator, { tenant_id: id });
    expect(await due()).toBe(0);
    expect(await allTenantIds(dispatcherActor, {})).not.toContain(id);
    expect(await getTenantName(owner, id, {})).toMatchObject({ name: "Tenant 1", is_archived: true });
    await expect(makeSchedule(manager, id)).rejects.toMatchObject({
      code: "FORBIDDEN",
      message: expect.stringContaining("archived"),
    });
    await unarchiveTenant(administrator, { tenant_id: id });
    expect((await getTenantName(owner, id, {})).is_archived).toBe(false);
    expect(await due()).toBe(1);
    expect((await log(id)).slice(-2)).toEqual(["tenant.archived", "tenant.unarchived"]);
  });

  test("keeps what is in its bin, and its members have all of the days to take it out once they can again", async () => {
    const { rows } = await world.admin.query<{ id: number }>(
      "UPDATE backup_sets SET deleted_at = now() - interval '26 days' WHERE tenant_id = $1 RETURNING id",
      [id],
    );
    expect(rows.length).toBeGreaterThan(0);
    await archiveTenant(administrator, { tenant_id: id });
    await archivedFor("20 days");
    await sweepRetention();
    const { operator, manager } = world.tenant.actors;
    const meanwhile = await listBackupSets(operator, id, { bin: true });
    expect(meanwhile.items.map((set) => [set.id, set.purge_after])).toEqual(
      rows.map((row) => [row.id, null]),
    );
    await unarchiveTenant(administrator, { tenant_id: id });
    await sweepRetention();
    const bin = await listBackupSets(operator, id, { bin: true });
    expect(bin.items.map((set) => set.id)).toEqual(rows.map((row) => row.id));
    const week = 7 * 86_400_000;
    for (const set of bin.items) {
      expect(Date.parse(set.purge_after ?? "")).toBeGreaterThan(Date.now() + week - 60_000);
      await restoreSet(manager, id, { set_id: set.id, pin: false });
    }
  });

  test("is deleted by its name for good, without a trace but a line, and no other tenant's row", async () => {
    const remove = (name: string) => codeOf(deleteTenant(administrator, { tenant_id: id, name }));
    expect(await remove("Tenant 1")).toBe("CONFLICT");
    await archiveTenant(administrator, { tenant_id: id });
    expect(await remove("tenant 1")).toBe("VALIDATION_FAILED");
    await expect(deleteTenant(administrator, { tenant_id: id, name: "Tenant 1" })).rejects.toMatchObject({
      code: "CONFLICT",
      message: expect.stringMatching(/can be deleted from \d{4}-\d\d-\d\dT/),
    });
    await archivedFor("23 hours 59 minutes");
    expect(await remove("Tenant 1")).toBe("CONFLICT");
    await archivedFor("24 hours");
    // The run that was dispatched above.
    expect(await remove("Tenant 1")).toBe("CONFLICT");
    const { rows } = await world.admin.query(
      "SELECT id FROM backup_schedule_runs WHERE tenant_id = $1 AND status = 'running'",
      [id],
    );
    await executeRun(id, rows[0].id, new AbortController().signal);
    await world.admin.query(
      `INSERT INTO policy_changes (tenant_id, source, event_id, graph_id, occurred_at, activity, operation, actor_kind, actor_name)
       VALUES ($1, 'intune', 'event', 'policy', now(), 'Patch', 'update', 'user', 'someone@contoso.example')`,
      [id],
    );
    await world.admin.query(
      "INSERT INTO policy_change_looks (tenant_id, backup_set_id, sources) SELECT tenant_id, id, '{}' FROM backup_sets WHERE tenant_id = $1 LIMIT 1",
      [id],
    );
    await world.admin.query(
      "INSERT INTO role_rules (tenant_id, claim, value, role) VALUES ($1, 'roles', 'Backup', 'readonly')",
      [id],
    );
    const before = await rowsOf(id);
    for (const table of [
      "item_ranges",
      "backup_sets",
      "snapshots",
      "audit_log",
      "audit_chain",
      "policy_changes",
      "role_rules",
    ])
      expect(before[table], table).toBeGreaterThan(0);
    const untouched = await rowsOf(world.foreign.id);

    expect(await remove("Tenant 1")).toBe("DONE");
    expect(Object.entries(await rowsOf(id)).filter(([, count]) => count > 0)).toEqual([]);
    expect((await world.admin.query("SELECT FROM tenants WHERE id = $1", [id])).rowCount).toBe(0);
    expect(await rowsOf(world.foreign.id)).toEqual(untouched);
    expect((await log(null)).filter((action) => action === "tenant.deleted")).toHaveLength(2);
    expect(await remove("Tenant 1")).toBe("NOT_FOUND");
  });
});
