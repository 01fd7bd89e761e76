import type { Metadata } from "next";
import { openTenant } from "#app/page-data.ts";
import { MembersPanel } from "#components/members/members-panel";
import { can } from "#lib/access/permissions";
import { listInvitations } from "#lib/members/invitations";
import { listMembers } from "#lib/members/members";
import {
  inviteMemberAction,
  removeMemberAction,
  setMemberRoleAction,
  withdrawInvitationAction,
} from "./actions.ts";

export const metadata: Metadata = { title: "Members" };

export default async function MembersPage({ params }: { params: Promise<{ tenantId: string }> }) {
  const { actor, user, tenantId, tenant } = await openTenant((await params).tenantId);
  const [members, invitations] = await Promise.all([
    listMembers(actor, tenantId, {}),
    can(tenant.role, "member:write") ? listInvitations(actor, tenantId, {}) : [],
  ]);
  return (
    <MembersPanel
      members={members}
      invitations={invitations}
      role={tenant.role}
      viewerEmail={user.email}
      actions={{
        invite: inviteMemberAction.bind(null, tenantId),
        withdraw: withdrawInvitationAction.bind(null, tenantId),
        setRole: setMemberRoleAction.bind(null, tenantId),
        remove: removeMemberAction.bind(null, tenantId),
      }}
    />
  );
}
