import { RouteModal } from "#components/feedback/route-modal";
import { openRun } from "../../../runs/open-run.tsx";

export default async function RunModal({ params }: { params: Promise<{ tenantId: string; runId: string }> }) {
  const { run, details } = await openRun(params);
  return <RouteModal title={`Run ${run.id} of ${run.schedule_name}`}>{details}</RouteModal>;
}
