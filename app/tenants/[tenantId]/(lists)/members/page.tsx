import type { Metadata } from "next";
import { forTenant } from "#app/for-tenant.ts";
import { openTenant } from "#app/page-data.ts";
import { MembersPanel } from "#components/members/members-panel";
import { can } from "#lib/access/permissions";
import { listInvitations } from "#lib/members/invitations";
import { listMembers } from "#lib/members/members";
import * as actions from "./actions.ts";

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
      actions={forTenant(tenantId, actions)}
    />
  );
}
