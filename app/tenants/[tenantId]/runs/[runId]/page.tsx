import type { Metadata } from "next";
import { PrintButton, PrintedFrom } from "#components/runs/details/print-run";
import { PageHeader } from "#components/ui/page-header";
import { openRun } from "../open-run.tsx";

interface Props {
  params: Promise<{ tenantId: string; runId: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Run ${(await params).runId}` };
}

export default async function RunPage({ params }: Props) {
  const { run, tenant, details } = await openRun(params);
  return (
    <>
      <PrintedFrom title="run report" tenant={tenant.name} />
      <PageHeader
        title={`Run ${run.id}`}
        back={{ href: `/tenants/${tenant.id}/runs`, label: "Runs" }}
        actions={<PrintButton />}
      >
        {run.schedule_name}
      </PageHeader>
      {details}
    </>
  );
}
