import { found, idOf, openTenant } from "#app/page-data.ts";
import { RunDetails } from "#components/runs/details/run-details";
import { getRun } from "#lib/runs/get";
import { cancel, retry } from "./actions.ts";

/** A run with its details: its own page shows them, and the modal over a list. */
export async function openRun(params: Promise<{ tenantId: string; runId: string }>) {
  const { tenantId: tenantIdText, runId } = await params;
  const { actor, tenantId, tenant } = await openTenant(tenantIdText);
  const run = await found(getRun(actor, tenantId, { run_id: idOf(runId) }));
  const details = (
    <RunDetails
      run={run}
      viewer={tenant}
      actions={{ retry: retry.bind(null, tenantId), cancel: cancel.bind(null, tenantId) }}
    />
  );
  return { run, tenant, details };
}
