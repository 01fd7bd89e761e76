import type { Metadata } from "next";
import { MembersTable } from "#components/members/members-table";
import { PageHeader } from "#components/shell/page-header";
import { listMembers } from "#lib/tenants/members";
import { openTenant } from "../../../../page-data.ts";
import { removeMemberAction, setMemberRoleAction } from "./actions.ts";

export const metadata: Metadata = { title: "Members" };

export default async function MembersPage({ params }: { params: Promise<{ tenantId: string }> }) {
  const { actor, user, tenantId, tenant } = await openTenant((await params).tenantId);
  const members = await listMembers(actor, tenantId, {});
  return (
    <>
      <PageHeader title="Members">
        Readonly sees everything but secrets. Operator also runs, retries and cancels. Manager also writes
        schedules. Owner also manages members, tokens and the connection.
      </PageHeader>
      <MembersTable
        members={members}
        role={tenant.role}
        viewerEmail={user.email}
        actions={{
          setRole: setMemberRoleAction.bind(null, tenantId),
          remove: removeMemberAction.bind(null, tenantId),
        }}
      />
    </>
  );
}
