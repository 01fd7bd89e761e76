import type { Metadata } from "next";
import { found, idOf, openTenant } from "#app/page-data.ts";
import { NoAccess } from "#components/feedback/no-access";
import { ScheduleForm } from "#components/schedules/form/schedule-form";
import { PageHeader } from "#components/ui/page-header";
import { canIn } from "#lib/access/permissions";
import { getSchedule } from "#lib/schedules/get";
import { previewRules, update } from "../../actions.ts";
import { formValues, permissionState } from "../../form-data.ts";

export const metadata: Metadata = { title: "Edit schedule" };

export default async function EditSchedulePage({
  params,
}: {
  params: Promise<{ tenantId: string; scheduleId: string }>;
}) {
  const { tenantId: tenantIdText, scheduleId } = await params;
  const { actor, tenantId, tenant } = await openTenant(tenantIdText);
  if (!canIn(tenant, "schedule:write")) return <NoAccess viewer={tenant} permission="schedule:write" />;
  const [schedule, permissions] = await Promise.all([
    found(getSchedule(actor, tenantId, { schedule_id: idOf(scheduleId) })),
    permissionState(actor, tenantId),
  ]);
  return (
    <>
      <PageHeader
        title={`Edit ${schedule.name}`}
        back={{ href: `/tenants/${tenantId}/backup-schedules/${schedule.id}`, label: schedule.name }}
      />
      <ScheduleForm
        tenantId={tenantId}
        target={{
          kind: "edit",
          schedule,
          update: update.bind(null, tenantId),
          previewRetention: previewRules.bind(null, tenantId, schedule.id),
        }}
        defaults={formValues(schedule)}
        permissions={permissions}
      />
    </>
  );
}
