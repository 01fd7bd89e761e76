import { IconBuildings } from "@tabler/icons-react";
import type { Metadata } from "next";
import { EmptyState } from "#components/feedback/empty-state";
import { AppFrame } from "#components/shell/app-frame";
import { PageHeader } from "#components/shell/page-header";
import { Portfolio } from "#components/tenants/portfolio";
import { listMyTenants } from "#lib/tenants/list";
import { requireUser } from "../page-data.ts";
import { signOutAction } from "../sign-in/actions.ts";

export const metadata: Metadata = { title: "Tenants" };

export default async function TenantsPage() {
  const { actor, ...user } = await requireUser("/tenants");
  const tenants = await listMyTenants(actor);
  return (
    <AppFrame user={user} signOut={signOutAction}>
      <PageHeader title="Tenants">
        {tenants.length === 0 ? null : `${tenants.length} ${tenants.length === 1 ? "tenant" : "tenants"}`}
      </PageHeader>
      {tenants.length === 0 ? (
        <EmptyState icon={<IconBuildings size={22} />} title="You are not a member of any tenant yet">
          Ask an owner of the tenant to add {user.email} as a member.
        </EmptyState>
      ) : (
        <Portfolio tenants={tenants} />
      )}
    </AppFrame>
  );
}
