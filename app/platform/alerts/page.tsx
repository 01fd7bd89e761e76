import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { requireUser } from "#app/page-data.ts";
import { DeliveriesPanel } from "#components/alerts/deliveries-panel";
import { RulesPanel } from "#components/alerts/rules-panel";
import { TargetsPanel } from "#components/alerts/targets-panel";
import { AppFrame } from "#components/shell/app-frame";
import { PageHeader } from "#components/ui/page-header";
import { listMyTenantNames } from "#lib/overview/my-tenants";
import { listPlatformDeliveries } from "#lib/platform/alert-deliveries";
import { listPlatformRules } from "#lib/platform/alert-rules";
import { listPlatformTargets } from "#lib/platform/alert-targets";
import { signOutAction } from "../../sign-in/actions.ts";
import {
  createRule,
  createTarget,
  redeliver,
  removeRule,
  removeTarget,
  rotateSecret,
  testTarget,
  updateRule,
  updateTarget,
} from "./actions.ts";

export const metadata: Metadata = { title: "Alerts of all tenants" };

/** Who is told of all tenants, for platform administrators; there is no such page for others. */
export default async function PlatformAlertsPage() {
  const { actor, ...user } = await requireUser("/platform/alerts");
  if (!user.is_platform_admin) notFound();
  const [mine, targets, rules, deliveries] = await Promise.all([
    listMyTenantNames(actor, {}),
    listPlatformTargets(actor, {}),
    listPlatformRules(actor, {}),
    listPlatformDeliveries(actor, { limit: 20 }),
  ]);
  return (
    <AppFrame user={user} signOut={signOutAction} tenants={mine}>
      <PageHeader title="Alerts of all tenants" back={{ href: "/platform", label: "Platform" }}>
        What happened, and in which tenant. What is in a tenant is for its members alone, and is not told
        here.
      </PageHeader>
      <div style={{ display: "grid", gap: "1.5rem" }}>
        <TargetsPanel
          targets={targets}
          kinds={["email", "webhook", "teams", "slack"]}
          hasOwners={false}
          actions={{ createTarget, updateTarget, removeTarget, rotateSecret, testTarget }}
        />
        <RulesPanel rules={rules} targets={targets} actions={{ createRule, updateRule, removeRule }} />
        <DeliveriesPanel deliveries={deliveries.items} actions={{ redeliver }} />
      </div>
    </AppFrame>
  );
}
