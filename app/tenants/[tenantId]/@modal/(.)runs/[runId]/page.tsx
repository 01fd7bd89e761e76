import type { Metadata } from "next";
import { openRun } from "#app/tenants/[tenantId]/runs/open-run";
import { RouteModal } from "#components/feedback/dialogs/route-modal";

interface Props {
  params: Promise<{ tenantId: string; runId: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Run ${(await params).runId}` };
}

export default async function RunModal({ params }: Props) {
  const { run, details } = await openRun(params);
  return <RouteModal title={`Run ${run.id} of ${run.schedule_name}`}>{details}</RouteModal>;
}
