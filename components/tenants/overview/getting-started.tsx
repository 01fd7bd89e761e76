import { IconCalendarPlus } from "@tabler/icons-react";
import { EmptyState } from "#components/feedback/empty-state";
import { ButtonLink } from "#components/navigation/button-link";
import { canIn, type Standing } from "#lib/access/permissions";

/** What a tenant without schedules shows instead of figures. */
export function GettingStarted({ tenantId, viewer }: { tenantId: number; viewer: Standing }) {
  return (
    <EmptyState
      icon={<IconCalendarPlus size={22} />}
      title="Start with a backup schedule"
      action={
        canIn(viewer, "schedule:write") ? (
          <ButtonLink href={`/tenants/${tenantId}/backup-schedules/new`}>New schedule</ButtonLink>
        ) : undefined
      }
    >
      A schedule says which policies are backed up and when. From its first run on, you see here whether the
      tenant is protected, what is due next, and what failed.
      {viewer.is_archived || canIn(viewer, "schedule:write")
        ? null
        : " A manager of this tenant can create it."}
    </EmptyState>
  );
}
