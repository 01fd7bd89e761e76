import { openRun } from "#app/tenants/[tenantId]/runs/open-run";
import { RouteModal } from "#components/feedback/dialogs/route-modal";

export default async function RunModal({ params }: { params: Promise<{ tenantId: string; runId: string }> }) {
  const { run, details } = await openRun(params);
  return <RouteModal title={`Run ${run.id} of ${run.schedule_name}`}>{details}</RouteModal>;
}
