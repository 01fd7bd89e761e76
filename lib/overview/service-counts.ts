import { z } from "zod";
import { breachGraceHours } from "#lib/limits";
import { platformOperation } from "#lib/operation";

const countsView = z.strictObject({
  runs: z.record(z.string(), z.int()),
  waiting: z.int(),
  active: z.int(),
  due: z.int(),
  late_seconds: z.number(),
  enabled: z.int(),
  queues: z.record(z.string(), z.record(z.string(), z.int())),
});
export type ServiceCounts = z.infer<typeof countsView>;

/**
 * Counts over all tenants, in one statement that reads indexes and a bounded tail of the runs. As the dispatcher's
 * database role, which sees schedules and runs, and nothing that was backed up.
 */
export const countService = platformOperation({
  name: "service.count",
  permission: "service:observe",
  input: z.strictObject({}),
  output: countsView,
  async run({ db }) {
    const [row] = await db.$queryRaw<ServiceCounts[]>`
      WITH newest AS (
        -- Ids grow with time, so the last day is the tail; the bound holds the cost when there are millions.
        SELECT status, finished_at FROM backup_schedule_runs ORDER BY id DESC LIMIT 200000
      ), ended AS (
        SELECT status, count(*) AS n FROM newest WHERE finished_at > now() - interval '24 hours' GROUP BY status
      ), active AS (
        SELECT count(*) FILTER (WHERE started_at IS NULL)::int AS waiting,
               count(*) FILTER (WHERE started_at IS NOT NULL)::int AS active
        FROM backup_schedule_runs WHERE finished_at IS NULL
      ), due AS (
        SELECT count(*) FILTER (WHERE next_run_at <= now())::int AS due, count(*)::int AS enabled,
               coalesce(extract(epoch FROM now() - min(next_run_at) FILTER (WHERE next_run_at <= now())), 0)::float8
                 AS late_seconds
        FROM backup_schedules WHERE next_run_at IS NOT NULL
          AND tenant_id <> ALL (ARRAY(SELECT id FROM tenants WHERE archived_at IS NOT NULL))
      ), jobs AS (
        SELECT name, jsonb_object_agg(state, n) AS states
        FROM (SELECT name, state, count(*) AS n FROM pgboss.job
              WHERE state < 'completed' AND name !~ '^__' GROUP BY name, state) AS counted
        GROUP BY name
      )
      SELECT coalesce((SELECT jsonb_object_agg(status, n) FROM ended), '{}') AS runs,
             active.waiting, active.active, due.due, due.late_seconds, due.enabled,
             coalesce((SELECT jsonb_object_agg(name, states) FROM jobs), '{}') AS queues
      FROM active, due`;
    if (!row) throw new Error("A statement without a condition returned no row");
    return row;
  },
});

const protectionView = z.strictObject({
  tenants: z.array(
    z.strictObject({ tenant_id: z.int(), last_success_age_seconds: z.number(), overdue: z.int() }),
  ),
  oldest_success_age_seconds: z.number().nullable(),
  overdue: z.int(),
  oldest_job_seconds: z.record(z.string(), z.number()),
  last_dispatch_age_seconds: z.number().nullable(),
  table_bytes: z.record(z.string(), z.int()),
});

/** So many runs of a schedule are looked through for its newest success. */
const runsLookedThrough = 200;

/**
 * How old the newest good backups are, how long jobs have waited, and how large tables are, over all tenants: in one
 * statement. A schedule is overdue when its period and the grace of a broken promise have passed since its newest success;
 * of a weekly one the period is a week, on however many days it runs. Most schedules succeeded last, which they say
 * themselves; of the others some of the newest runs are read.
 *
 * As the dispatcher's database role: table sizes are open to all, and no set is read.
 */
export const observeService = platformOperation({
  name: "service.observe",
  permission: "service:observe",
  input: z.strictObject({ tenants: z.int().min(0) }),
  output: protectionView,
  async run({ db }, { tenants }) {
    const [row] = await db.$queryRaw<z.infer<typeof protectionView>[]>`
      WITH schedules AS (
        SELECT s.tenant_id, s.frequency, s.start_window_minutes,
               extract(epoch FROM now() - coalesce(CASE WHEN s.last_run_status = 'success' THEN s.last_run_at ELSE (
                 SELECT max(started_at) FILTER (WHERE status = 'success')
                 FROM (SELECT started_at, status FROM backup_schedule_runs WHERE backup_schedule_id = s.id
                       ORDER BY id DESC LIMIT ${runsLookedThrough}) newest) END, s.created_at))::float8 AS age
        FROM backup_schedules s
        WHERE s.next_run_at IS NOT NULL
          AND s.tenant_id <> ALL (ARRAY(SELECT id FROM tenants WHERE archived_at IS NOT NULL))
      ), per_tenant AS (
        SELECT tenant_id, max(age) AS age, count(*) FILTER (WHERE age > start_window_minutes * 60 + ${breachGraceHours * 3600}
                 + CASE frequency WHEN 'daily' THEN 86400 ELSE 7 * 86400 END)::int AS overdue
        FROM schedules GROUP BY tenant_id
      ), oldest AS (
        SELECT * FROM per_tenant ORDER BY age DESC, tenant_id LIMIT ${tenants}
      ), jobs AS (
        SELECT q.name, coalesce(extract(epoch FROM now() - min(greatest(j.start_after, j.created_on))), 0)::float8 AS age
        FROM pgboss.queue q
        LEFT JOIN pgboss.job j ON j.name = q.name AND j.state < 'active' AND j.start_after <= now()
        WHERE q.name !~ '^__' GROUP BY q.name
      ), tables AS (
        SELECT CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname END AS name,
               sum(pg_total_relation_size(c.oid))::bigint AS bytes
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('public', 'pgboss') AND c.relkind = 'r' GROUP BY 1
      )
      SELECT coalesce((SELECT jsonb_agg(jsonb_build_object(
               'tenant_id', tenant_id, 'last_success_age_seconds', age, 'overdue', overdue)) FROM oldest), '[]') AS tenants,
             (SELECT max(age) FROM per_tenant) AS oldest_success_age_seconds,
             coalesce((SELECT sum(overdue) FROM per_tenant), 0)::int AS overdue,
             coalesce((SELECT jsonb_object_agg(name, age) FROM jobs), '{}') AS oldest_job_seconds,
             (SELECT extract(epoch FROM now() - max(completed_on))::float8 FROM pgboss.job
              WHERE name = 'dispatch' AND state = 'completed') AS last_dispatch_age_seconds,
             (SELECT jsonb_object_agg(name, bytes) FROM tables) AS table_bytes`;
    if (!row) throw new Error("A statement without a condition returned no row");
    return row;
  },
});
