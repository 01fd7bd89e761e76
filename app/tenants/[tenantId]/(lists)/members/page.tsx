import type { Metadata } from "next";
import { MembersPanel } from "#components/members/members-panel";
import { listMembers } from "#lib/tenants/members";
import { openTenant } from "../../../../page-data.ts";
import { addMemberAction, removeMemberAction, setMemberRoleAction } from "./actions.ts";

export const metadata: Metadata = { title: "Members" };

export default async function MembersPage({ params }: { params: Promise<{ tenantId: string }> }) {
  const { actor, user, tenantId, tenant } = await openTenant((await params).tenantId);
  const members = await listMembers(actor, tenantId, {});
  return (
    <MembersPanel
      members={members}
      role={tenant.role}
      viewerEmail={user.email}
      actions={{
        add: addMemberAction.bind(null, tenantId),
        setRole: setMemberRoleAction.bind(null, tenantId),
        remove: removeMemberAction.bind(null, tenantId),
      }}
    />
  );
}
