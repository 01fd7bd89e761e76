import { Gauge, Registry } from "prom-client";
import { z } from "zod";
import { observerActor } from "#lib/access/actor";
import { platformOperation } from "#lib/operation";
import { runStatuses } from "#lib/runs/schema";

const countsView = z.strictObject({
  runs: z.record(z.string(), z.int()),
  waiting: z.int(),
  active: z.int(),
  due: z.int(),
  late_seconds: z.number(),
  enabled: z.int(),
  queues: z.record(z.string(), z.record(z.string(), z.int())),
});
type Counts = z.infer<typeof countsView>;

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
    const [row] = await db.$queryRaw<Counts[]>`
      WITH newest AS (
        -- Ids grow with time, so the last day is the tail; the bound holds the cost when there are millions.
        SELECT status, finished_at FROM backup_schedule_runs ORDER BY id DESC LIMIT 200000
      ), ended AS (
        SELECT status, count(*) AS n FROM newest WHERE finished_at > now() - interval '24 hours' GROUP BY status
      ), active AS (
        SELECT count(*) FILTER (WHERE started_at IS NULL)::int AS waiting,
               count(*) FILTER (WHERE started_at IS NOT NULL)::int AS active
        FROM backup_schedule_runs WHERE status = 'running'
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

/** How long counts serve again, in milliseconds: whoever asks in a loop costs the database no more. */
const freshMs = 5_000;
const holder = globalThis as typeof globalThis & {
  tenantpilotCounts?: { at: number; counts: Promise<Counts> } | undefined;
};

/** What the service as a whole is doing, in Prometheus' text format. */
export async function serviceMetrics(now = Date.now()): Promise<string> {
  const kept = holder.tenantpilotCounts;
  const entry = kept && now - kept.at < freshMs ? kept : { at: now, counts: countService(observerActor, {}) };
  holder.tenantpilotCounts = entry;
  const counts = await entry.counts.catch((error: unknown) => {
    holder.tenantpilotCounts = undefined;
    throw error;
  });
  const registry = new Registry();
  const gauge = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });

  const ended = gauge("tenantpilot_runs_ended_24h", "Runs that ended in the last 24 hours, by status.", [
    "status",
  ]);
  for (const status of runStatuses) {
    if (status !== "running") ended.set({ status }, counts.runs[status] ?? 0);
  }
  gauge("tenantpilot_runs_waiting", "Runs that wait for a worker.").set(counts.waiting);
  gauge("tenantpilot_runs_active", "Runs that a worker executes.").set(counts.active);
  gauge("tenantpilot_schedules_enabled", "Schedules that will be due.").set(counts.enabled);
  gauge("tenantpilot_schedules_due", "Schedules that are due and not dispatched yet.").set(counts.due);
  gauge("tenantpilot_schedules_late_seconds", "How long the oldest of those has been due.").set(
    counts.late_seconds,
  );
  const jobs = gauge("tenantpilot_queue_jobs", "Jobs that have not ended, by queue and state.", [
    "queue",
    "state",
  ]);
  for (const [queue, states] of Object.entries(counts.queues)) {
    for (const [state, count] of Object.entries(states)) jobs.set({ queue, state }, count);
  }
  return registry.metrics();
}
