import type { Metadata } from "next";
import { PageHeader } from "#components/shell/page-header";
import { openRun } from "../open-run.tsx";

interface Props {
  params: Promise<{ tenantId: string; runId: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Run ${(await params).runId}` };
}

export default async function RunPage({ params }: Props) {
  const { run, tenantId, details } = await openRun(params);
  return (
    <>
      <PageHeader title={`Run ${run.id}`} back={{ href: `/tenants/${tenantId}/runs`, label: "Runs" }}>
        {run.schedule_name}
      </PageHeader>
      {details}
    </>
  );
}
