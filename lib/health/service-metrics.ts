import { Gauge, Registry } from "prom-client";
import { observerActor } from "#lib/access/actor";
import { env } from "#lib/env";
import { countService, observeService } from "#lib/overview/service-counts";
import { runStatuses } from "#lib/runs/schema";
import { listWorkers } from "./workers.ts";

/** How long what was read serves again, in milliseconds: whoever asks in a loop costs the database no more. */
const freshMs = 5_000;

type Observed = Awaited<ReturnType<typeof observe>>;
const holder = globalThis as typeof globalThis & {
  tenantpilotObserved?: { at: number; observed: Promise<Observed> } | undefined;
};

async function observe() {
  const [counts, observed, workers] = await Promise.all([
    countService(observerActor, {}),
    observeService(observerActor, { tenants: env().METRICS_TENANT_LIMIT }),
    listWorkers(1),
  ]);
  return { ...counts, ...observed, workers: workers.filter(({ is_alive }) => is_alive).length };
}

/**
 * What the service as a whole is doing, in Prometheus' text format: what any web process reads of the database, and the
 * same whichever is asked.
 */
export async function serviceMetrics(now = Date.now()): Promise<string> {
  const kept = holder.tenantpilotObserved;
  const entry = kept && now - kept.at < freshMs ? kept : { at: now, observed: observe() };
  holder.tenantpilotObserved = entry;
  const found = await entry.observed.catch((error: unknown) => {
    holder.tenantpilotObserved = undefined;
    throw error;
  });
  return renderService(found);
}

/** What was read, in Prometheus' text format. */
export function renderService(found: Observed): Promise<string> {
  const registry = new Registry();
  const gauge = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });

  const ended = gauge("tenantpilot_runs_ended_24h", "Runs that ended in the last 24 hours, by status.", [
    "status",
  ]);
  for (const status of runStatuses) {
    if (status !== "running") ended.set({ status }, found.runs[status] ?? 0);
  }
  gauge("tenantpilot_runs_waiting", "Runs that wait for a worker.").set(found.waiting);
  gauge("tenantpilot_runs_active", "Runs that a worker executes.").set(found.active);
  gauge("tenantpilot_schedules_enabled", "Schedules that will be due.").set(found.enabled);
  gauge("tenantpilot_schedules_due", "Schedules that are due and not dispatched yet.").set(found.due);
  gauge("tenantpilot_schedules_late_seconds", "How long the oldest of those has been due.").set(
    found.late_seconds,
  );
  gauge(
    "tenantpilot_schedules_overdue",
    "Schedules whose newest success is older than their period and the grace of a broken promise.",
  ).set(found.overdue);
  gauge(
    "tenantpilot_oldest_success_age_seconds",
    "Age of the newest success of the schedule whose newest is oldest.",
  ).set(found.oldest_success_age_seconds ?? 0);
  const age = gauge(
    "tenantpilot_tenant_last_success_age_seconds",
    "The same for each tenant, at most METRICS_TENANT_LIMIT of them: those whose age is highest.",
    ["tenant_id"],
  );
  for (const { tenant_id, last_success_age_seconds } of found.tenants)
    age.set({ tenant_id }, last_success_age_seconds);
  const jobs = gauge("tenantpilot_queue_jobs", "Jobs that have not ended, by queue and state.", [
    "queue",
    "state",
  ]);
  for (const [queue, states] of Object.entries(found.queues)) {
    for (const [state, count] of Object.entries(states)) jobs.set({ queue, state }, count);
  }
  const oldest = gauge(
    "tenantpilot_queue_oldest_job_seconds",
    "How long the job that waits longest has been due, by queue; 0 where none waits.",
    ["queue"],
  );
  for (const [queue, seconds] of Object.entries(found.oldest_job_seconds)) oldest.set({ queue }, seconds);
  gauge("tenantpilot_workers_alive", "Workers that were seen within their heartbeat.").set(found.workers);
  if (found.last_dispatch_age_seconds !== null)
    gauge(
      "tenantpilot_last_dispatch_age_seconds",
      "Since when no worker has looked for due schedules by the queue's minute.",
    ).set(found.last_dispatch_age_seconds);
  const bytes = gauge(
    "tenantpilot_table_bytes",
    "Bytes that a table takes with its indexes; `pgboss` is the whole queue, `snapshots` what policies take.",
    ["table"],
  );
  for (const [table, size] of Object.entries(found.table_bytes)) bytes.set({ table }, size);
  return registry.metrics();
}
