import { beforeAll, expect, test } from "vitest";
import { alertsActor } from "#lib/access/actor";
import { writeDigests } from "#lib/alerts/digests";
import { createAlertRule } from "#lib/alerts/rules";
import { createAlertTarget } from "#lib/delivery/targets";
import { systemClock } from "#lib/graph/clock";
import { LimiterRegistry } from "#lib/graph/limiter";
import { listNotifications } from "#lib/notifications/list";
import { listMyTenants, tenantSummary } from "#lib/overview/my-tenants";
import { getTenantOverview } from "#lib/overview/overview";
import { backUpTypes, type StoredItem } from "#lib/testing/captured";
import { unlimitedBudgets } from "#lib/testing/unlimited";
import { withWorld } from "#lib/testing/world";
import { planRestore } from "./create.ts";
import { workOutPlan } from "./work-out-plan.ts";

/** What a restore reads is a part of the tenant, under no promise: nobody hears of it as of a backup, and nothing counts it. */

const world = withWorld({ policies: 120 });
const types = ["deviceCompliancePolicy", "deviceConfiguration"] as const;
let setId: number;
let backedUp: StoredItem[];

/** Plans a restore of one policy, for which the tenant is read. */
async function read(type: (typeof types)[number]): Promise<void> {
  const { id, actors } = world.tenant;
  const item = backedUp.find(({ policy_type }) => policy_type === type);
  const restore = await planRestore(actors.manager, id, {
    set_id: setId,
    items: [{ policy_type: type, graph_id: item?.graph_id ?? "" }],
  });
  const { rows } = await world.admin.query("SELECT job_id FROM restores WHERE id = $1", [restore.id]);
  const limiters = new LimiterRegistry(systemClock, unlimitedBudgets);
  await workOutPlan(id, restore.id, rows[0].job_id, new AbortController().signal, { limiters });
}

const readings = async () =>
  (
    await world.admin.query(
      `SELECT status::text, (summary -> 'changes' ->> 'added')::int > 0 AS has_added FROM backup_schedule_runs
       WHERE trigger = 'restore' ORDER BY id`,
    )
  ).rows;

/** All that says how the backups are, but for the instants at which it was asked. */
async function said(): Promise<unknown> {
  const { id, actors } = world.tenant;
  const digest = await world.admin.query(
    "UPDATE alert_rules SET digest_due_at = date_trunc('milliseconds', now()) WHERE digest IS NOT NULL",
  );
  expect([digest.rowCount, await writeDigests(alertsActor, {})]).toEqual([1, 1]);
  const { rows: digests } = await world.admin.query(
    "DELETE FROM alert_events WHERE kind = 'digest' RETURNING body, data -> 'runs' AS runs, data -> 'changes' AS changes",
  );
  const { rows: counts } = await world.admin.query(
    `SELECT sum(success) AS success, sum(partial) AS partial, sum(failed) AS failed, sum(added) AS added
     FROM run_counts WHERE tenant_id = $1`,
    [id],
  );
  const { rows: told } = await world.admin.query("SELECT kind FROM alert_events ORDER BY id");
  const { rows: wrong } = await world.admin.query("SELECT cause FROM incidents WHERE closed_at IS NULL");
  const heard = await Promise.all(
    [actors.manager, actors.owner].map((actor) => listNotifications(actor, id, {})),
  );
  return {
    digests,
    counts,
    told,
    wrong,
    heard: heard.map(({ items }) =>
      items.map(({ kind }) => kind).filter((kind) => !kind.startsWith("restore.")),
    ),
    overview: await getTenantOverview(actors.readonly, id, {}),
    mine: [await tenantSummary(actors.readonly, id, {}), await listMyTenants(actors.readonly, {})],
  };
}

beforeAll(async () => {
  const { id, actors } = world.tenant;
  const { run, items } = await backUpTypes(world, types);
  setId = run.backup_set_id ?? 0;
  backedUp = items;
  // Somebody waits for complete backups, and somebody for digests.
  process.env.ALERT_PRIVATE_NETWORKS = "127.0.0.0/8";
  const url = "https://127.0.0.1/ping";
  const beat = await createAlertTarget(actors.owner, id, {
    target: { kind: "heartbeat", name: "Beat", url },
  });
  await createAlertRule(actors.owner, id, { target_id: beat.id, least_severity: "info" });
  const recipients = ["chief@example.com"];
  const mail = await createAlertTarget(actors.owner, id, {
    target: { kind: "email", name: "Chief", recipients },
  });
  await createAlertRule(actors.owner, id, { target_id: mail.id, digest: "daily" });
});

test("what a restore reads is told to nobody and counted nowhere, whether it is whole, other policies than before, or fails", async () => {
  const before = await said();
  await read("deviceCompliancePolicy");
  await read("deviceConfiguration");
  expect(await readings()).toEqual([
    { status: "success", has_added: true },
    // The reading before was of another type: of this one it says nothing.
    { status: "success", has_added: false },
  ]);
  expect(await said()).toEqual(before);

  world.sandbox.fault({
    path: "deviceManagement/deviceCompliancePolicies",
    action: { kind: "status", status: 403 },
    count: 100,
  });
  await read("deviceCompliancePolicy");
  world.sandbox.reset();
  expect((await readings()).at(-1)?.status).toMatch(/partial|failed/);
  expect(await said()).toEqual(before);
});

test("nobody asks Microsoft who changed what a restore reads, unless it may show drift", async () => {
  const { id, sandbox } = world.tenant;
  const twin = world.sandbox.tenant(sandbox.entraTenantId);
  const readChanged = async () => {
    twin.drift({ change: 2, collection: "deviceManagement/deviceCompliancePolicies" });
    await read("deviceCompliancePolicy");
    const { rows } = await world.admin.query(
      `SELECT r.changes_changed > 0 AS has_changed, (
                SELECT count(*)::int FROM pgboss.job j
                WHERE j.name = 'change-authors' AND (j.data ->> 'backup_set_id')::int = r.backup_set_id) AS asked
       FROM backup_schedule_runs r WHERE r.trigger = 'restore' ORDER BY r.id DESC LIMIT 1`,
    );
    return rows[0];
  };
  await read("deviceCompliancePolicy");
  expect(await readChanged()).toEqual({ has_changed: true, asked: 0 });
  await world.admin.query(
    `INSERT INTO baselines (tenant_id, source_tenant_id, source_tenant_name, source_set_id, source_set_created_at, coverage,
                            set_by_name)
     VALUES ($1, $1, 'Tenant 1', $2, now(), 'all', 'somebody')`,
    [id, setId],
  );
  expect(await readChanged()).toEqual({ has_changed: true, asked: 1 });
});
