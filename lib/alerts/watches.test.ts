import { generate } from "selfsigned";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dispatcherActor, verifierActor } from "#lib/access/actor";
import { countAttempt } from "#lib/access/attempts";
import { signIn } from "#lib/access/sign-in";
import { securityEventsRecorded } from "#lib/audit/security";
import { getConnection, saveConnection } from "#lib/connection/connection";
import { learnExpiries, watchExpiry } from "#lib/connection/expiry";
import { listDeliveries } from "#lib/delivery/deliveries";
import { createAlertTarget } from "#lib/delivery/targets";
import { watchWorkers } from "#lib/health/watch-workers";
import { watchVerification } from "#lib/integrity/overdue";
import { verifyTenant } from "#lib/integrity/verify";
import { signInLimits } from "#lib/limits";
import { tenantAttention } from "#lib/overview/attention";
import { archiveTenant, unarchiveTenant } from "#lib/platform/tenants";
import { removeSet, restoreSet } from "#lib/sets/bin";
import { lookedAfter } from "#lib/testing/looked-after";
import { type Receiver, startReceiver } from "#lib/testing/receiver";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards, makeSet } from "#lib/testing/sets";
import { transactionsOf } from "#lib/testing/transactions";
import { until, withWorld } from "#lib/testing/world";
import { listIncidents } from "./incidents.ts";
import { createAlertRule } from "./rules.ts";

/** What is found by looking for what does not happen, and what happens at the door. */

const world = withWorld({ policies: 1 });
let receiver: Receiver;

beforeAll(async () => {
  receiver = await startReceiver();
  process.env.ALERT_PRIVATE_NETWORKS = "127.0.0.0/8, ::1/128";
});
afterAll(() => receiver?.stop());

/** The events since the last call: what was told, how bad it is, and whether another tenant's event tells the platform. */
async function told(): Promise<[kind: string, severity: string, tenant: number, elsewhere: boolean][]> {
  const { rows } = await world.admin.query(
    "DELETE FROM alert_events RETURNING id, kind, severity, tenant_id, is_told_elsewhere",
  );
  return rows
    .toSorted((a, b) => Number(a.id) - Number(b.id))
    .map(({ kind, severity, tenant_id, is_told_elsewhere }) => [
      kind,
      severity,
      tenant_id,
      is_told_elsewhere,
    ]);
}
const open = async (cause: string) =>
  (await listIncidents(world.tenant.actors.readonly, world.tenant.id, {})).items.filter(
    (incident) => incident.cause === cause,
  );

test("a secret that expires is told 30, 7 and 1 days before, once each, until another one is saved", async () => {
  const { id, actors, sandbox } = world.tenant;
  const inDays = (days: number) => new Date(Date.now() + days * 86_400_000 - 60_000).toISOString();
  const save = (credential: string, expires?: string | null) =>
    saveConnection(actors.owner, id, {
      cloud: "sandbox",
      entra_tenant_id: sandbox.entraTenantId,
      client_id: sandbox.clientId,
      credential_kind: "secret",
      credential,
      ...(expires === undefined ? {} : { credential_expires_at: expires }),
    });
  const look = async () => {
    await lookedAfter("credentials", () => watchExpiry(dispatcherActor, {}));
    return (await told()).map(([kind, severity]) => [kind, severity]);
  };
  expect(await look()).toEqual([]);
  expect((await save(sandbox.clientSecret, inDays(31))).credential_expires_at).not.toBeNull();
  expect(await look()).toEqual([]);

  const passes = async (days: number) => {
    await world.admin.query("UPDATE connections SET credential_expires_at = $1 WHERE tenant_id = $2", [
      inDays(days),
      id,
    ]);
    return [await look(), await look()];
  };
  expect(await passes(30)).toEqual([[["credential.expiring", "warning"]], []]);
  expect(await passes(8)).toEqual([[], []]);
  expect(await passes(7)).toEqual([[["credential.expiring", "warning"]], []]);
  expect(await passes(1)).toEqual([[["credential.expiring", "critical"]], []]);
  expect(await open("credential")).toMatchObject([{ count: 3, severity: "critical" }]);

  // The secret stays, and so does its date, until one of them is another.
  const [incident] = await open("credential");
  const kept = await save("");
  expect(kept.credential_expires_at).not.toBeNull();
  expect(await open("credential")).toEqual([incident]);
  expect((await save(sandbox.clientSecret)).credential_expires_at).toBeNull();
  expect((await told()).map(([kind]) => kind)).toEqual(["credential.renewed"]);
  expect(await open("credential")).toEqual([]);
  await save("", inDays(5));
  await told();
  expect(await look()).toEqual([["credential.expiring", "warning"]]);
  // Another one that ends on the same day is told of as well.
  const { credential_expires_at } = await save("");
  await save(sandbox.clientSecret, credential_expires_at);
  expect(await look()).toEqual([["credential.expiring", "warning"]]);
  await save("", null);
  expect((await told()).map(([kind]) => kind)).toEqual(["credential.renewed"]);

  // Whoever looks while another one is being saved tells of neither.
  await save("", inDays(1));
  const client = await world.admin.connect();
  try {
    await client.query("BEGIN");
    await client.query(
      "UPDATE connections SET credential_expires_at = $1, expiry_told_days = NULL WHERE tenant_id = $2",
      [inDays(400), id],
    );
    const looked = look();
    await until("the look waits", async () => {
      const { rowCount } = await world.admin.query(
        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%expiry_told_days = due.days%'",
      );
      return rowCount === 1;
    });
    await client.query("COMMIT");
    expect(await looked).toEqual([]);
  } finally {
    client.release();
  }
  expect(
    (await world.admin.query("SELECT FROM connections WHERE expiry_told_days IS NOT NULL")).rows,
  ).toEqual([]);
});

test("a certificate says itself when it expires, also one that was stored before", async () => {
  const { id, actors, sandbox } = world.foreign;
  const notAfterDate = new Date(Date.now() + 3 * 86_400_000);
  const made = await generate([{ name: "commonName", value: "TenantPilot" }], {
    notAfterDate,
    keySize: 2048,
  });
  const saved = await saveConnection(actors.owner, id, {
    cloud: "sandbox",
    entra_tenant_id: sandbox.entraTenantId,
    client_id: sandbox.clientId,
    credential_kind: "certificate",
    credential: `${made.private}\n${made.cert}`,
    credential_expires_at: "2099-01-01T00:00:00Z",
  });
  const expected = `${notAfterDate.toISOString().slice(0, 19)}.000Z`;
  expect(saved.credential_expires_at).toBe(expected);
  await world.admin.query("UPDATE connections SET credential_expires_at = NULL WHERE tenant_id = $1", [id]);
  expect(await transactionsOf(learnExpiries)).toBe(2);
  // Whose is known, or a secret's, is not looked at each day.
  expect(await transactionsOf(learnExpiries)).toBe(1);
  expect(await getConnection(actors.owner, id, {})).toMatchObject({ credential_expires_at: expected });
  await lookedAfter("credentials", () => watchExpiry(dispatcherActor, {}));
  expect(await told()).toEqual([["credential.expiring", "warning", id, false]]);
});

test("sets that nobody has verified for longer than a week are told, until a pass has verified them", async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id);
  const setId = await makeSet(world.tenant, schedule.id);
  await told();
  await watchVerification();
  expect(await told()).toEqual([]);
  await behindTheGuards(
    world.admin,
    "UPDATE backup_sets SET created_at = now() - interval '10 days' WHERE id = $1",
    [setId],
  );
  await watchVerification();
  await watchVerification();
  expect(await told()).toEqual([["verification.overdue", "warning", id, false]]);
  expect(await open("verification")).toMatchObject([
    { count: 2, body: expect.stringContaining("1 backup set was not") },
  ]);
  await verifyTenant(verifierActor, id, {});
  expect((await told()).map(([kind]) => kind)).toContain("verification.done");
  expect(await open("verification")).toEqual([]);
});

test("sets that come back, out of the bin or with their tenant, are not overdue before a pass could verify them", async () => {
  const { id, actors } = world.tenant;
  const schedule = await makeSchedule(actors.manager, id);
  const setId = await makeSet(world.tenant, schedule.id);
  await makeSet(world.tenant, schedule.id);
  const watched = async () => {
    await watchVerification();
    return (await told()).map(([kind]) => kind);
  };
  await removeSet(actors.manager, id, { set_id: setId });
  await behindTheGuards(
    world.admin,
    "UPDATE backup_sets SET created_at = now() - interval '10 days' WHERE id = $1",
    [setId],
  );
  await restoreSet(actors.manager, id, { set_id: setId });
  await told();
  expect(await watched()).toEqual([]);
  await behindTheGuards(
    world.admin,
    "UPDATE audit_log SET at = now() - interval '10 days' WHERE action = 'set.restored'",
  );
  expect(await watched()).toEqual(["verification.overdue"]);
  const administer = (is: boolean) =>
    world.admin.query("UPDATE users SET is_platform_admin = $2 WHERE id = $1", [actors.owner.user_id, is]);
  await administer(true);
  await archiveTenant(actors.owner, { tenant_id: id });
  await unarchiveTenant(actors.owner, { tenant_id: id });
  await administer(false);
  expect(await watched()).toEqual(["verification.done"]);
});

test("who is locked out is told in each of their tenants, and once to the platform", async () => {
  const { user_id } = world.tenant.actors.operator;
  await world.admin.query("INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, 'readonly')", [
    world.foreign.id,
    user_id,
  ]);
  const { rows } = await world.admin.query("SELECT email FROM users WHERE id = $1", [user_id]);
  const { email } = rows[0];
  const client = "203.0.113.7";
  for (let n = 0; n < signInLimits.pair.attempts; n += 1) await countAttempt({ email, client });
  await securityEventsRecorded();
  expect(await told()).toEqual([]);
  for (let n = 0; n < 2; n += 1)
    await expect(signIn({ email, password: "a guess" }, client)).rejects.toMatchObject({
      code: "TOO_MANY_ATTEMPTS",
    });
  await securityEventsRecorded();
  const [first = 0, second = 0] = [world.tenant.id, world.foreign.id].sort((a, b) => a - b);
  expect(await told()).toEqual([
    ["sign_in.locked", "warning", first, false],
    ["sign_in.locked", "warning", second, true],
  ]);
});

test("when no worker is there, one of all web servers tells it, and delivers it; and its end, when one is back", async () => {
  const { id, actors } = world.tenant;
  await makeSchedule(actors.manager, id);
  const hook = async (name: string) => {
    const { id: target_id } = await createAlertTarget(actors.manager, id, {
      target: { kind: "webhook", name, url: `${receiver.url}/hook` },
    });
    await createAlertRule(actors.manager, id, { target_id });
    return target_id;
  };
  // No key opens the first.
  const sealed = await hook("Sealed");
  await world.admin.query("UPDATE alert_targets SET secret_ciphertext = '\\x00' WHERE id = $1", [sealed]);
  await hook("Hook");
  const bodies = () => receiver.got.splice(0).map(({ body }) => JSON.parse(body).type);
  await world.admin.query("DELETE FROM pgboss.instance");
  const { open_incidents } = await tenantAttention(actors.readonly, id, {});
  expect(await watchWorkers({ upMinutes: 1 })).toBe(false);
  expect(await open("worker")).toEqual([]);
  // Nobody else takes up jobs here.
  receiver.answers(503);
  expect(await Promise.all([1, 2, 3].map(() => watchWorkers({ upMinutes: 6 })))).toEqual([true, true, true]);
  expect(await open("worker")).toMatchObject([{ kind: "worker.missing", count: 1 }]);
  expect(await tenantAttention(actors.readonly, id, {})).toMatchObject({
    open_incidents: open_incidents + 1,
  });
  await watchWorkers({ upMinutes: 7 });
  expect(bodies()).toEqual(["worker.missing"]);
  const { items: deliveries } = await listDeliveries(actors.manager, id, { target_id: sealed });
  expect(deliveries).toMatchObject([
    { state: "pending", attempts: 1, answer: expect.stringContaining("encryption keys") },
  ]);
  receiver.answers(200);
  await world.admin.query(
    "UPDATE alert_deliveries SET next_at = date_trunc('milliseconds', now()) WHERE state = 'pending'",
  );
  await watchWorkers({ upMinutes: 8 });
  await watchWorkers({ upMinutes: 9 });
  expect(bodies()).toEqual(["worker.missing"]);
  expect(await open("worker")).toMatchObject([{ count: 1 }]);

  await workerShowsItself();
  expect(await watchWorkers({ upMinutes: 10 })).toBe(false);
  expect(await open("worker")).toEqual([]);
  expect((await told()).map(([kind]) => kind)).toEqual(["worker.missing", "worker.back"]);
});

const workerShowsItself = () =>
  world.admin.query(
    `INSERT INTO pgboss.instance (id, name, host, pid, version, node_version, heartbeat_seconds, supervise, schedule, migrate,
       persist_queue_stats, persist_warnings, started_on, heartbeat_on)
     VALUES (gen_random_uuid(), 'worker 1', 'test', 1, '1', '1', 10, true, true, true, true, true, now(), now())`,
  );

test("of many tenants some at a time are told that no worker is there, all in the end, and the platform once", async () => {
  await makeSchedule(world.foreign.actors.manager, world.foreign.id);
  await world.admin.query("DELETE FROM pgboss.instance");
  const [first = 0, second = 0] = [world.tenant.id, world.foreign.id].sort((a, b) => a - b);
  await watchWorkers({ upMinutes: 6, limit: 1 });
  expect(await told()).toEqual([
    ["worker.missing", "critical", first, false],
    ["worker.missing", "critical", second, true],
  ]);
  // The platform heard of the first one's.
  await world.admin.query(
    `INSERT INTO alert_events (tenant_id, incident_id, kind, severity, title, body, routed_at, is_told_elsewhere)
     SELECT tenant_id, id, kind, severity, title, body, now(), tenant_id <> $1 FROM incidents WHERE closed_at IS NULL AND cause = 'worker'`,
    [first],
  );
  await workerShowsItself();
  await watchWorkers({ upMinutes: 7, limit: 1 });
  expect((await told()).filter(([kind]) => kind === "worker.back")).toEqual([
    ["worker.back", "info", first, false],
    ["worker.back", "info", second, true],
  ]);
});

test("alerts that cannot be told, however many, keep nobody else's from being told while no worker is there", async () => {
  const { id, actors } = world.foreign;
  const { id: target_id } = await createAlertTarget(actors.manager, id, {
    target: { kind: "webhook", name: "Hook", url: `${receiver.url}/foreign` },
  });
  await createAlertRule(actors.manager, id, { target_id });
  await world.admin.query("DELETE FROM pgboss.instance");
  // A rule that nobody could write: its time zone is none.
  await world.admin.query(
    `UPDATE alert_rules SET timezone = 'Nowhere/Land', quiet_from = '22:00', quiet_until = '06:00' WHERE tenant_id = $1`,
    [world.tenant.id],
  );
  await world.admin.query(
    `INSERT INTO alert_events (tenant_id, kind, severity, title, body)
     SELECT $1, 'worker.missing', 'critical', 'No worker', '' FROM generate_series(1, 210)`,
    [world.tenant.id],
  );
  receiver.got.length = 0;
  await watchWorkers({ upMinutes: 6 });
  expect(receiver.got.map(({ path }) => path)).toContain("/foreign");
});
