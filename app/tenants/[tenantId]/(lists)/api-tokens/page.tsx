import type { Metadata } from "next";
import { openTenant } from "#app/page-data.ts";
import { TokensPanel } from "#components/api-tokens/tokens-panel";
import { NoAccess } from "#components/feedback/no-access";
import { can } from "#lib/access/permissions";
import { listTokens } from "#lib/tokens/tokens";
import { createTokenAction, revokeTokenAction, rotateTokenAction } from "./actions.ts";

export const metadata: Metadata = { title: "API tokens" };

export default async function TokensPage({ params }: { params: Promise<{ tenantId: string }> }) {
  const { actor, tenantId, tenant } = await openTenant((await params).tenantId);
  if (!can(tenant.role, "token:manage")) return <NoAccess role={tenant.role} permission="token:manage" />;
  return (
    <TokensPanel
      tokens={await listTokens(actor, tenantId, {})}
      actions={{
        create: createTokenAction.bind(null, tenantId),
        rotate: rotateTokenAction.bind(null, tenantId),
        revoke: revokeTokenAction.bind(null, tenantId),
      }}
    />
  );
}
