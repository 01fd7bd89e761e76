import { beforeAll, describe, expect, test } from "vitest";
import { type Actor, dispatcherActor } from "#lib/access/actor";
import { allTenantIds } from "#lib/access/all-tenants";
import { beginSession } from "#lib/access/sessions";
import { signIn } from "#lib/access/sign-in";
import { acceptAsNewPerson } from "#lib/members/accept-invitation";
import { getTenantName } from "#lib/overview/my-tenants";
import { executeRun } from "#lib/runs/execute";
import { startRun } from "#lib/runs/start";
import { dispatchBatch } from "#lib/schedules/dispatch";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { resetPassword } from "./reset-password.ts";
import {
  archiveTenant,
  createTenant,
  deleteTenant,
  listTenants,
  renameTenant,
  unarchiveTenant,
} from "./tenants.ts";
import {
  disableUser,
  enableUser,
  endUserSessions,
  listUsers,
  makeUserResetLink,
  removeUserSecondFactor,
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

describe("an archived tenant", () => {
  const due = async () => {
    await world.admin.query(
      "UPDATE backup_schedules SET next_run_at = now() - interval '1 minute' WHERE id = $1",
      [scheduleId],
    );
    return (await dispatchBatch(dispatcherActor, {})).claimed;
  };

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
    expect((await log(id)).filter((action) => action.startsWith("tenant"))).toEqual([
      "tenant.created",
      "tenant.archived",
      "tenant.unarchived",
    ]);
  });

  test("is deleted by its name for good, without a trace but a line, and no other tenant's row", async () => {
    const remove = (name: string) => codeOf(deleteTenant(administrator, { tenant_id: id, name }));
    expect(await remove("Tenant 1")).toBe("CONFLICT");
    await archiveTenant(administrator, { tenant_id: id });
    expect(await remove("tenant 1")).toBe("VALIDATION_FAILED");
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
      "backup_items",
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
    expect((await log(null)).filter((action) => action === "tenant.deleted")).toHaveLength(1);
    expect(await remove("Tenant 1")).toBe("NOT_FOUND");
  });
});
