import type { Metadata } from "next";
import { forTenant } from "#app/for-tenant.ts";
import { openTenant } from "#app/page-data.ts";
import { TokensPanel } from "#components/api-tokens/tokens-panel";
import { NoAccess } from "#components/feedback/no-access";
import { can, canIn } from "#lib/access/permissions";
import { listTokens } from "#lib/tokens/tokens";
import * as actions from "./actions.ts";

export const metadata: Metadata = { title: "API tokens" };

export default async function TokensPage({ params }: { params: Promise<{ tenantId: string }> }) {
  const { actor, tenantId, tenant } = await openTenant((await params).tenantId);
  if (!can(tenant.role, "token:manage")) return <NoAccess viewer={tenant} permission="token:manage" />;
  return (
    <TokensPanel
      tokens={await listTokens(actor, tenantId, {})}
      makes={canIn(tenant, "token:manage")}
      actions={forTenant(tenantId, actions)}
    />
  );
}
