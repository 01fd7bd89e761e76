import type { Metadata } from "next";
import { forTenant } from "#app/for-tenant.ts";
import { openTenant } from "#app/page-data.ts";
import { MembersPanel } from "#components/members/members-panel";
import { RoleRulesPanel } from "#components/members/role-rules-panel";
import { entraSettings } from "#lib/access/entra";
import { can, canIn } from "#lib/access/permissions";
import { listInvitations } from "#lib/members/invitations";
import { listMembers } from "#lib/members/members";
import { listRoleRules } from "#lib/members/role-rules";
import * as actions from "./actions.ts";

export const metadata: Metadata = { title: "Members" };

export default async function MembersPage({ params }: { params: Promise<{ tenantId: string }> }) {
  const { actor, user, tenantId, tenant } = await openTenant((await params).tenantId);
  const removes = can(tenant.role, "member:write");
  const [members, invitations, rules] = await Promise.all([
    listMembers(actor, tenantId, {}),
    removes ? listInvitations(actor, tenantId, {}) : [],
    removes && entraSettings() ? listRoleRules(actor, tenantId, {}) : null,
  ]);
  const bound = forTenant(tenantId, actions);
  return (
    <>
      <MembersPanel
        members={members}
        invitations={invitations}
        viewer={tenant}
        viewerEmail={user.email}
        followsEntra={entraSettings() !== null}
        hasRules={rules !== null && rules.length > 0}
        actions={bound}
      />
      {rules ? (
        <div style={{ marginTop: "1.5rem" }}>
          <RoleRulesPanel rules={rules} adds={canIn(tenant, "member:write")} actions={bound} />
        </div>
      ) : null}
    </>
  );
}
