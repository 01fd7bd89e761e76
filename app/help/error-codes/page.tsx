import type { Metadata } from "next";
import { ErrorCodeGuide } from "#components/runs/error-code-guide";
import { PageHeader } from "#components/ui/page-header";

export const metadata: Metadata = { title: "Error codes" };

export default function ErrorCodesPage() {
  return (
    <>
      <PageHeader title="Error codes of runs">
        Why a run did not end in plain success: what it means, what TenantPilot does about it by itself, and
        what you can do.
      </PageHeader>
      <ErrorCodeGuide />
    </>
  );
}
