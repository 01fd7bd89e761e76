import type { Metadata } from "next";
import { found, idOf, openTenant, param, type SearchParams } from "#app/page-data.ts";
import { NoAccess } from "#components/feedback/no-access";
import { ScheduleForm } from "#components/schedules/form/schedule-form";
import { PageHeader } from "#components/ui/page-header";
import { canIn } from "#lib/access/permissions";
import { getSchedule } from "#lib/schedules/get";
import { create } from "../actions.ts";
import { emptySchedule, formValues, permissionState } from "../form-data.ts";

export const metadata: Metadata = { title: "New schedule" };

interface Props {
  params: Promise<{ tenantId: string }>;
  searchParams: SearchParams;
}

export default async function NewSchedulePage({ params, searchParams }: Props) {
  const { actor, tenantId, tenant } = await openTenant((await params).tenantId);
  if (!canIn(tenant, "schedule:write")) return <NoAccess viewer={tenant} permission="schedule:write" />;
  const from = param(await searchParams, "from");
  const [defaults, permissions] = await Promise.all([
    from ? found(getSchedule(actor, tenantId, { schedule_id: idOf(from) })).then(copyOf) : emptySchedule(),
    permissionState(actor, tenantId),
  ]);
  return (
    <>
      <PageHeader
        title={from ? "Duplicate schedule" : "New schedule"}
        back={{ href: `/tenants/${tenantId}/backup-schedules`, label: "Backup schedules" }}
      />
      <ScheduleForm
        tenantId={tenantId}
        target={{ kind: "new", create: create.bind(null, tenantId) }}
        defaults={defaults}
        permissions={permissions}
      />
    </>
  );
}

function copyOf(schedule: Parameters<typeof formValues>[0]) {
  return { ...formValues(schedule), name: `Copy of ${schedule.name}`.slice(0, 200) };
}
