import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { systemClock } from "#lib/graph/clock";
import { LimiterRegistry } from "#lib/graph/limiter";
import { executeRun } from "#lib/runs/execute";
import { getRun } from "#lib/runs/get";
import { startRun } from "#lib/runs/start";
import { unlimitedBudgets } from "#lib/testing/unlimited";
import { type Sandbox, startSandbox } from "#sandbox/server";
import type { BenchTenant } from "./bench-tenant.ts";

/** A tenant of the sandbox, generated. */
export function benchTwin(policies: number) {
  return {
    entraTenantId: "11111111-1111-4111-8111-111111111111",
    clientId: "22222222-2222-4222-8222-222222222222",
    clientSecret: "bench",
    seed: 1,
    policies,
  };
}

/** A sandbox in this process, which backs up from it by {@link execute}. */
export async function sandboxHere(twin: ReturnType<typeof benchTwin>): Promise<Sandbox> {
  const sandbox = await startSandbox({ tenants: [twin] });
  setDefaultCACertificates([...getCACertificates("default"), sandbox.caCertificate]);
  Object.assign(process.env, { GRAPH_SANDBOX_URL: sandbox.url, GRAPH_SANDBOX_LOGIN_URL: sandbox.loginUrl });
  return sandbox;
}

/**
 * Executes a run as a worker does: what is handed back, as when the machine is too busy, is taken up again. Without Graph's limits:
 * they would stretch it to hours, and change nothing about what is stored.
 */
export async function execute(tenantId: number, runId: number): ReturnType<typeof executeRun> {
  const limiters = new LimiterRegistry(systemClock, unlimitedBudgets);
  for (let attempt = 1; ; attempt += 1) {
    const result = await executeRun(tenantId, runId, new AbortController().signal, { limiters });
    if (result.kind !== "handed_back" || attempt === 5) return result;
  }
}

/**
 * Starts a run of a schedule, and executes it in this process.
 * @returns the id of the set
 * @throws Error where it makes no whole set: there is nothing to measure then
 */
export async function backUpHere({ owner, tenant_id }: BenchTenant, scheduleId: number): Promise<number> {
  const { id } = await startRun(owner, tenant_id, { schedule_id: scheduleId });
  await execute(tenant_id, id);
  const { status, backup_set_id } = await getRun(owner, tenant_id, { run_id: id });
  if (status !== "success" || backup_set_id === null) throw new Error(`Run ${id} ended ${status}`);
  return backup_set_id;
}
