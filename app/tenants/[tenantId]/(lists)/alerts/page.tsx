import type { Metadata } from "next";
import { forTenant } from "#app/for-tenant.ts";
import { found, openTenant, param, type SearchParams } from "#app/page-data.ts";
import { DeliveriesPanel } from "#components/alerts/deliveries-panel";
import { IncidentsPanel } from "#components/alerts/incidents-panel";
import { RulesPanel } from "#components/alerts/rules-panel";
import { TargetsPanel } from "#components/alerts/targets-panel";
import { CursorPager } from "#components/data-table/cursor-pager";
import { hrefOf } from "#components/navigation/href.ts";
import { PageHeader } from "#components/ui/page-header";
import { canIn } from "#lib/access/permissions";
import { listIncidents } from "#lib/alerts/incidents";
import { listAlertRules } from "#lib/alerts/rules";
import { counted } from "#lib/counted";
import { listDeliveries } from "#lib/delivery/deliveries";
import { listAlertTargets } from "#lib/delivery/targets";
import { scheduleChoices } from "#lib/runs/schedule-choices";
import { findSchedules } from "../../runs/actions.ts";
import * as actions from "./actions.ts";

export const metadata: Metadata = { title: "Alerts" };

interface Props {
  params: Promise<{ tenantId: string }>;
  searchParams: SearchParams;
}

/** What is wrong; and, for who may set it, who is told of it and what they were sent. */
export default async function AlertsPage({ params, searchParams }: Props) {
  const { actor, tenantId, tenant } = await openTenant((await params).tenantId);
  const manages = canIn(tenant, "alert:manage");
  const query = await searchParams;
  const cursor = param(query, "cursor");
  // Messages lead to their incident.
  const told = Number(param(query, "incident")) || null;
  const [incidents, targets, rules, deliveries] = await Promise.all([
    found(listIncidents(actor, tenantId, { limit: 100, ...(cursor ? { cursor } : {}) })),
    manages ? listAlertTargets(actor, tenantId, {}) : [],
    manages ? listAlertRules(actor, tenantId, {}) : [],
    manages ? listDeliveries(actor, tenantId, { limit: 20 }) : null,
  ]);
  const named = [...new Set(rules.flatMap(({ schedule_ids }) => schedule_ids))];
  const schedules = named.length > 0 ? await scheduleChoices(actor, tenantId, { ids: named }) : [];
  const path = `/tenants/${tenantId}/alerts`;
  const bound = forTenant(tenantId, actions);
  return (
    <>
      <PageHeader title="Alerts">
        What is wrong is told once, counted while it lasts, and told again when it is over.
      </PageHeader>
      <div style={{ display: "grid", gap: "1.5rem" }}>
        <div>
          <IncidentsPanel
            incidents={incidents.items}
            told={told}
            isAll={!cursor && !incidents.next_cursor}
            mayAct={canIn(tenant, "alert:acknowledge")}
            actions={bound}
          />
          {cursor || incidents.next_cursor ? (
            <CursorPager
              words={`${counted(incidents.items.length, "incident")}${cursor ? ", older" : ", newest first"}`}
              firstHref={cursor ? path : null}
              nextHref={incidents.next_cursor ? hrefOf(path, { cursor: incidents.next_cursor }) : null}
            />
          ) : null}
        </div>
        {manages ? (
          <>
            <TargetsPanel targets={targets} actions={bound} />
            <RulesPanel
              rules={rules}
              targets={targets}
              schedules={schedules}
              findSchedules={findSchedules.bind(null, tenantId)}
              actions={bound}
            />
            <DeliveriesPanel deliveries={deliveries?.items ?? []} actions={bound} />
          </>
        ) : null}
      </div>
    </>
  );
}
