import { z } from "zod";
import { observerActor } from "#lib/access/actor";
import { readiness } from "#lib/health/readiness";
import { listWorkers } from "#lib/health/workers";
import { administratorOperationInSteps, platformOperation } from "#lib/operation";
import { countService } from "#lib/overview/service-counts";
import { present } from "#lib/present";
import { instant } from "#lib/view-fields";

const checkView = z.strictObject({
  part: z.enum(["process", "database", "migrations", "guards", "encryption_key", "worker", "live"]),
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

const sinceView = z.strictObject({
  last_dispatch_at: instant.nullable().meta({ description: "When due schedules were last looked for" }),
  oldest_waiting_run_at: instant
    .nullable()
    .meta({ description: "Since when the run that waits longest has waited" }),
});

const lagView = z.strictObject({ ...sinceView.shape, queues: z.array(queueView) });

const platformStatusView = z.strictObject({
  ready: z.boolean().meta({ description: "Whether the web server that answers can serve" }),
  versions: z.strictObject({
    service: z.string(),
    schema: z.string().nullable(),
    expected_schema: z.string().nullable(),
  }),
  checks: z.array(checkView),
  schedules_enabled: z.int(),
  schedules_due: z.int().meta({ description: "Due and not dispatched yet" }),
  runs_waiting: z.int(),
  runs_active: z.int(),
  ...lagView.shape,
  workers: z.array(workerView).meta({ description: "Also those that went within the last hour" }),
});
export type PlatformStatus = z.infer<typeof platformStatusView>;

/** How long a worker that is gone is still listed, in hours. */
const goneHours = 1;

/**
 * How far dispatch and the queues are behind, over all tenants. As the dispatcher's database role, which sees runs and jobs, and
 * nothing that was backed up.
 */
const observeLag = platformOperation({
  name: "service.lag",
  permission: "service:observe",
  input: z.strictObject({}),
  output: lagView,
  async run({ db }) {
    const [row] = await db.$queryRaw<{ last_dispatch_at: Date | null; oldest_waiting_run_at: Date | null }[]>`
      SELECT (SELECT max(completed_on) FROM pgboss.job WHERE name = 'dispatch' AND state = 'completed') AS last_dispatch_at,
             (SELECT min(created_at) FROM backup_schedule_runs WHERE finished_at IS NULL AND started_at IS NULL)
               AS oldest_waiting_run_at`;
    if (!row) throw new Error("A statement without a condition returned no row");
    const queues = await db.$queryRaw<z.infer<typeof queueView>[]>`
      SELECT q.name, count(j.id) FILTER (WHERE j.state < 'active' AND j.start_after <= now())::int AS waiting,
             count(j.id) FILTER (WHERE j.state = 'active')::int AS active,
             floor(extract(epoch FROM now() - min(greatest(j.start_after, j.created_on))
               FILTER (WHERE j.state < 'active' AND j.start_after <= now())))::int AS oldest_waiting_seconds
      FROM pgboss.queue q LEFT JOIN pgboss.job j ON j.name = q.name AND j.state < 'completed'
      WHERE q.name !~ '^__' GROUP BY q.name ORDER BY q.name`;
    return { ...present(sinceView, row), queues };
  },
});

/** How the installation is: what web, database, workers and queues look like right now. */
export const getPlatformStatus = administratorOperationInSteps({
  name: "platform.status",
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
    const [{ ready, versions, checks }, counts, lag, workers] = await Promise.all([
      readiness(),
      countService(observerActor, {}),
      observeLag(observerActor, {}),
      listWorkers(goneHours),
    ]);
    const parts = checkView.shape.part.options;
    return {
      ready,
      versions,
      checks: parts.map((part) => ({ part, ...checks[part] })),
      schedules_enabled: counts.enabled,
      schedules_due: counts.due,
      runs_waiting: counts.waiting,
      runs_active: counts.active,
      ...lag,
      workers: workers.map((worker) => present(workerView, worker)),
    };
  },
});
