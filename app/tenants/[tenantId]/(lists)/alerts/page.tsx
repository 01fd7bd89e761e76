import type { Metadata } from "next";
import { forTenant } from "#app/for-tenant.ts";
import { openTenant } from "#app/page-data.ts";
import { DeliveriesPanel } from "#components/alerts/deliveries-panel";
import { IncidentsPanel } from "#components/alerts/incidents-panel";
import { RulesPanel } from "#components/alerts/rules-panel";
import { TargetsPanel } from "#components/alerts/targets-panel";
import { PageHeader } from "#components/ui/page-header";
import { canIn } from "#lib/access/permissions";
import { listIncidents } from "#lib/alerts/incidents";
import { listAlertRules } from "#lib/alerts/rules";
import { listDeliveries } from "#lib/delivery/deliveries";
import { listAlertTargets } from "#lib/delivery/targets";
import { listSchedules } from "#lib/schedules/list";
import * as actions from "./actions.ts";

export const metadata: Metadata = { title: "Alerts" };

/** What is wrong; and, for who may set it, who is told of it and what they were sent. */
export default async function AlertsPage({ params }: { params: Promise<{ tenantId: string }> }) {
  const { actor, tenantId, tenant } = await openTenant((await params).tenantId);
  const manages = canIn(tenant, "alert:manage");
  const [incidents, targets, rules, deliveries, schedules] = await Promise.all([
    listIncidents(actor, tenantId, { limit: 100 }),
    manages ? listAlertTargets(actor, tenantId, {}) : [],
    manages ? listAlertRules(actor, tenantId, {}) : [],
    manages ? listDeliveries(actor, tenantId, { limit: 20 }) : null,
    manages ? listSchedules(actor, tenantId, { limit: 200 }) : null,
  ]);
  const bound = forTenant(tenantId, actions);
  return (
    <>
      <PageHeader title="Alerts">
        What is wrong is told once, counted while it lasts, and told again when it is over.
      </PageHeader>
      <div style={{ display: "grid", gap: "1.5rem" }}>
        <IncidentsPanel
          incidents={incidents.items}
          mayAct={canIn(tenant, "alert:acknowledge")}
          actions={bound}
        />
        {manages ? (
          <>
            <TargetsPanel targets={targets} actions={bound} />
            <RulesPanel
              rules={rules}
              targets={targets}
              schedules={schedules?.items.map(({ id, name }) => ({ id, name })) ?? []}
              actions={bound}
            />
            <DeliveriesPanel deliveries={deliveries?.items ?? []} actions={bound} />
          </>
        ) : null}
      </div>
    </>
  );
}
