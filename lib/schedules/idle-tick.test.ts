import { beforeAll, expect, test } from "vitest";
import { type Actor, alertsActor, dispatcherActor } from "#lib/access/actor";
import { writeDigests } from "#lib/alerts/digests";
import { repeatAlerts } from "#lib/alerts/repeat";
import { resumeLostAlerts } from "#lib/alerts/resume-lost";
import { watchExpiry } from "#lib/connection/expiry";
import { disconnect } from "#lib/db/client";
import { listDeliveries } from "#lib/delivery/deliveries";
import { listPlatformDeliveries } from "#lib/platform/alert-deliveries";
import { insertManySchedules } from "#lib/testing/many-schedules";
import { transactionsOf } from "#lib/testing/transactions";
import { until, withWorld } from "#lib/testing/world";
import { findWork } from "./find-work.ts";
import { tick } from "./tick.ts";
import { watchSchedules } from "./watch.ts";

/** What a minute costs in which there is nothing to do, in an installation of some size and age. */

const world = withWorld({ policies: 1 });
let administrator: Actor;
/** Of the tests' own tenant. */
let target_id: number;

beforeAll(async () => {
  await insertManySchedules(world.admin, { tenants: 400, schedules: 10_000, due: 0 });
  const { rows: people } = await world.admin.query(
    `INSERT INTO users (email, name, password_hash, is_platform_admin) VALUES ('op@platform.example', 'Op', 'none', true)
     RETURNING id`,
  );
  administrator = { kind: "user", user_id: people[0].id };
  const { rows: targets } = await world.admin.query(
    `INSERT INTO alert_targets (tenant_id, kind, name, hint, secret_ciphertext)
     VALUES ($1, 'webhook', 'Own', '', '\\x00'), (NULL, 'webhook', 'Platform', '', '\\x00') RETURNING id`,
    [world.tenant.id],
  );
  target_id = targets[0].id;
  await world.admin.query(`
    INSERT INTO alert_targets (tenant_id, kind, name, hint, to_owners)
    SELECT id, 'email', 'Owners by mail', '', true FROM tenants WHERE name LIKE 'Mass %';
    INSERT INTO alert_rules (tenant_id, target_id) SELECT tenant_id, id FROM alert_targets WHERE tenant_id IS NOT NULL;
    INSERT INTO connections (tenant_id, cloud, entra_tenant_id, client_id, credential_kind, credential_ciphertext,
                             credential_expires_at, expiry_told_days)
    SELECT id, 'sandbox', '', '', 'secret', '\\x00', now() + interval '1 year', NULL FROM tenants WHERE name LIKE 'Mass %'
    ON CONFLICT DO NOTHING;
    INSERT INTO incidents (tenant_id, cause, kind, severity, title, body, closed_at)
    SELECT t.id, 'over', 'run.failed', 'critical', '', '', now() FROM tenants t, generate_series(1, 25);
    INSERT INTO alert_events (tenant_id, kind, severity, title, body, routed_at)
    SELECT t.id, 'run.failed', 'critical', '', '', now() FROM tenants t, generate_series(1, 25);
    INSERT INTO alert_deliveries (tenant_id, event_id, target_id, target_tenant_id, state)
    SELECT e.tenant_id, e.id, ${targets[1].id}, NULL, 'delivered' FROM alert_events e
    UNION ALL SELECT e.tenant_id, e.id, t.id, t.tenant_id, 'delivered'
    FROM alert_events e JOIN alert_targets t ON t.tenant_id = e.tenant_id`);
  await world.admin.query("ANALYZE");
});

test("a tick that finds nothing to do is one transaction", async () => {
  const nothing = { claimed: 0, started: 0, skipped: 0, lost: 0 };
  expect(await tick()).toEqual(nothing);
  expect(await transactionsOf(async () => expect(await tick()).toEqual(nothing))).toBe(1);
});

/** Rows that were read of each table, in vain or not, by all connections that have ended. */
async function rowsRead(): Promise<Map<string, number>> {
  // A connection tells what it has read at its end, before it is seen to be gone.
  await disconnect();
  await until("nobody is connected", async () => {
    const { rowCount } = await world.admin.query(
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND usename <> current_user",
    );
    return rowCount === 0;
  });
  const { rows } = await world.admin.query(
    "SELECT relname, (seq_tup_read + coalesce(idx_tup_fetch, 0))::int AS read FROM pg_stat_user_tables WHERE schemaname = 'public'",
  );
  return new Map(rows.map(({ relname, read }) => [relname, read]));
}

test("what is looked for each minute, and lists of deliveries, read neither whole tables nor whole histories", async () => {
  const { id, actors } = world.tenant;
  // Overdue since a minute, and backed up for years before; told every hour for months, and not due to be told again.
  await world.admin.query(`
    WITH late AS (
      UPDATE backup_schedules SET next_run_at = now() - interval '1 hour'
      WHERE id = (SELECT min(id) FROM backup_schedules) RETURNING id, tenant_id
    ), ran AS (
      INSERT INTO backup_schedule_runs (tenant_id, backup_schedule_id, scheduled_for, trigger, status, started_at, finished_at)
      SELECT tenant_id, id, now(), 'manual', 'success', now() - interval '30 minutes', now() - interval '30 minutes'
      FROM late, generate_series(1, 3000)
    )
    INSERT INTO incidents (tenant_id, cause, kind, severity, title, body, schedule_id)
    SELECT tenant_id, 'schedule:' || id || ':overdue', 'backup.overdue', 'critical', '', '', id FROM late`);
  await world.admin.query(
    `WITH repeating AS (UPDATE alert_rules SET repeat_hours = 2 WHERE target_id = $2), lasting AS (
       INSERT INTO incidents (tenant_id, cause, kind, severity, title, body) VALUES ($1, 'lasts', 'run.failed', 'critical', '', '')
       RETURNING id
     ), told AS (
       INSERT INTO alert_events (tenant_id, incident_id, kind, severity, title, body, routed_at, only_target_id)
       SELECT $1, id, 'run.failed', 'critical', '', '', now(), $2 FROM lasting, generate_series(1, 3000) RETURNING id
     )
     INSERT INTO alert_deliveries (tenant_id, event_id, target_id, target_tenant_id, state, created_at)
     SELECT $1, id, $2, $1, 'delivered', now() - interval '1 hour' FROM told`,
    [id, target_id],
  );
  await world.admin.query("ANALYZE");
  // What was read for this is told at once.
  await world.admin.query("SELECT pg_stat_force_next_flush()");
  const before = await rowsRead();
  expect(await findWork(dispatcherActor, {})).toEqual({
    due: true,
    schedules: true,
    runs: false,
    credentials: false,
    late_alerts: false,
    repeats: true,
    digests: false,
    counts: false,
  });
  expect(await watchSchedules(dispatcherActor, {})).toEqual({ opened: 0, closed: 0 });
  expect(await watchExpiry(dispatcherActor, {})).toBe(0);
  for (const lookAfter of [resumeLostAlerts, repeatAlerts, writeDigests])
    expect(await lookAfter(alertsActor, {})).toBe(0);
  for (const state of [undefined, "failed"] as const) {
    const filter = { limit: 10, ...(state ? { state } : {}) };
    await listPlatformDeliveries(administrator, filter);
    await listDeliveries(actors.manager, id, filter);
  }
  const after = await rowsRead();
  const read = [...after].map(([table, rows]) => [table, rows - (before.get(table) ?? 0)] as const);
  expect(read.filter(([, rows]) => rows > 1_000)).toEqual([]);
});
