import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { familyBudgets } from "#lib/graph/families";
import { executeRun } from "#lib/runs/execute";
import { startRun } from "#lib/runs/start";
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

/**
 * A sandbox in this process, which backs up from it without Graph's limits: they would stretch it to hours, and change
 * nothing about what is stored.
 */
export async function sandboxHere(twin: ReturnType<typeof benchTwin>): Promise<Sandbox> {
  for (const budget of Object.values(familyBudgets))
    Object.assign(budget, { requests: 1_000_000, windowMs: 1_000 });
  const sandbox = await startSandbox({ tenants: [twin] });
  setDefaultCACertificates([...getCACertificates("default"), sandbox.caCertificate]);
  Object.assign(process.env, { GRAPH_SANDBOX_URL: sandbox.url, GRAPH_SANDBOX_LOGIN_URL: sandbox.loginUrl });
  return sandbox;
}

/** Executes a run as a worker does: what is handed back, as when the machine is too busy, is taken up again. */
export async function execute(tenantId: number, runId: number): ReturnType<typeof executeRun> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await executeRun(tenantId, runId, new AbortController().signal);
    if (result.kind !== "handed_back" || attempt === 5) return result;
  }
}

/** Starts a run of a schedule, and executes it in this process. */
export async function backUpHere(
  { owner, tenant_id }: BenchTenant,
  scheduleId: number,
): ReturnType<typeof execute> {
  const { id } = await startRun(owner, tenant_id, { schedule_id: scheduleId });
  return execute(tenant_id, id);
}
