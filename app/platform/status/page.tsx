import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { requireUser } from "#app/page-data.ts";
import { KeepFresh } from "#components/live/keep-fresh";
import { PlatformStatusPanels } from "#components/platform/platform-status";
import { AppFrame } from "#components/shell/app-frame";
import { PageHeader } from "#components/ui/page-header";
import { listMyTenantNames } from "#lib/overview/my-tenants";
import { getPlatformStatus } from "#lib/platform/status";
import { signOutAction } from "../../sign-in/actions.ts";

export const metadata: Metadata = { title: "Status" };

/** How the installation is, for platform administrators; there is no such page for others. */
export default async function PlatformStatusPage() {
  const { actor, ...user } = await requireUser("/platform/status");
  if (!user.is_platform_admin) notFound();
  const [mine, status] = await Promise.all([listMyTenantNames(actor, {}), getPlatformStatus(actor, {})]);
  return (
    <AppFrame user={user} signOut={signOutAction} tenants={mine}>
      <PageHeader title="Status" back={{ href: "/platform", label: "Platform" }}>
        How the database, the workers and the queues are right now. The page reads itself anew every minute.
      </PageHeader>
      <PlatformStatusPanels status={status} />
      <KeepFresh />
    </AppFrame>
  );
}
