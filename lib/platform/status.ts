import { z } from "zod";
import { observerActor } from "#lib/access/actor";
import { readiness } from "#lib/health/readiness";
import { listWorkers } from "#lib/health/workers";
import { administratorOperation, platformOperation } from "#lib/operation";
import { present } from "#lib/present";
import { instant } from "#lib/view-fields";

const checkView = z.strictObject({
  part: z.enum(["process", "database", "migrations", "guards", "encryption_key", "worker"]),
  ok: z.boolean(),
  message: z.string().meta({ description: "In words; and what to do, when it is not ok" }),
});

const workerView = z.strictObject({
  name: z.string(),
  host: z.string(),
  started_at: instant,
  seen_at: instant.meta({ description: "Its last heartbeat" }),
  is_alive: z.boolean(),
});

const queueView = z.strictObject({
  name: z.string(),
  waiting: z.int().meta({ description: "Jobs that are due and that no worker has taken up" }),
  active: z.int(),
  oldest_waiting_seconds: z
    .int()
    .nullable()
    .meta({ description: "Since when the oldest of those has been due" }),
});

const countsView = z.strictObject({
  last_dispatch_at: instant.nullable().meta({ description: "When due schedules were last looked for" }),
  schedules_enabled: z.int(),
  schedules_due: z.int().meta({ description: "Due and not dispatched yet" }),
  oldest_waiting_run_at: instant
    .nullable()
    .meta({ description: "Since when the run that waits longest has waited" }),
  runs_waiting: z.int(),
  runs_active: z.int(),
});

const activityView = z.strictObject({ ...countsView.shape, queues: z.array(queueView) });

const platformStatusView = z.strictObject({
  ready: z.boolean().meta({ description: "Whether the web server that answers can serve" }),
  versions: z.strictObject({
    service: z.string(),
    schema: z.string().nullable(),
    expected_schema: z.string().nullable(),
  }),
  checks: z.array(checkView),
  ...activityView.shape,
  workers: z.array(workerView).meta({ description: "Also those that went within the last hour" }),
});
export type PlatformStatus = z.infer<typeof platformStatusView>;

/** How long a worker that is gone is still listed, in hours. */
const goneHours = 1;

/**
 * What dispatch, queue and workers do, over all tenants. As the dispatcher's database role, which sees schedules, runs and
 * jobs, and nothing that was backed up.
 */
const observeActivity = platformOperation({
  name: "service.activity",
  permission: "service:observe",
  input: z.strictObject({}),
  output: activityView,
  async run({ db }) {
    const [row] = await db.$queryRaw<
      {
        last_dispatch_at: Date | null;
        schedules_enabled: number;
        schedules_due: number;
        oldest_waiting_run_at: Date | null;
        runs_waiting: number;
        runs_active: number;
      }[]
    >`
      WITH active AS (
        SELECT count(*) FILTER (WHERE started_at IS NULL)::int AS runs_waiting,
               count(*) FILTER (WHERE started_at IS NOT NULL)::int AS runs_active,
               min(created_at) FILTER (WHERE started_at IS NULL) AS oldest_waiting_run_at
        FROM backup_schedule_runs WHERE status = 'running'
      ), enabled AS (
        SELECT count(*)::int AS schedules_enabled, count(*) FILTER (WHERE next_run_at <= now())::int AS schedules_due
        FROM backup_schedules WHERE next_run_at IS NOT NULL
          AND tenant_id <> ALL (ARRAY(SELECT id FROM tenants WHERE archived_at IS NOT NULL))
      )
      SELECT active.*, enabled.*,
             (SELECT max(completed_on) FROM pgboss.job WHERE name = 'dispatch' AND state = 'completed') AS last_dispatch_at
      FROM active, enabled`;
    if (!row) throw new Error("A statement without a condition returned no row");
    const queues = await db.$queryRaw<z.infer<typeof queueView>[]>`
      SELECT q.name, count(j.id) FILTER (WHERE j.state < 'active' AND j.start_after <= now())::int AS waiting,
             count(j.id) FILTER (WHERE j.state = 'active')::int AS active,
             floor(extract(epoch FROM now() - min(greatest(j.start_after, j.created_on))
               FILTER (WHERE j.state < 'active' AND j.start_after <= now())))::int AS oldest_waiting_seconds
      FROM pgboss.queue q LEFT JOIN pgboss.job j ON j.name = q.name AND j.state < 'completed'
      WHERE q.name !~ '^__' GROUP BY q.name ORDER BY q.name`;
    return { ...present(countsView, row), queues };
  },
});

/** How the installation is: what web, database, workers and queues look like right now. */
export const getPlatformStatus = administratorOperation({
  name: "platform.status",
  effect: "read",
  input: z.strictObject({}),
  output: platformStatusView,
  http: {
    method: "GET",
    path: "/platform/status",
    operationId: "getPlatformStatus",
    summary: "How the installation is",
    description:
      "Database, migrations, guards, key, workers, queues and dispatch, as the web server that answers sees them.",
    tag: "Platform",
    answer: "As of now",
  },
  async run() {
    const [{ ready, versions, checks }, activity, workers] = await Promise.all([
      readiness(),
      observeActivity(observerActor, {}),
      listWorkers(goneHours),
    ]);
    const parts = checkView.shape.part.options;
    return {
      ready,
      versions,
      checks: parts.map((part) => ({ part, ...checks[part] })),
      ...activity,
      workers: workers.map((worker) => present(workerView, worker)),
    };
  },
});
