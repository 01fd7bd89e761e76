import type { BackupSchedule } from "#lib/db/generated/client";
import { present } from "#lib/present";
import type { Schedule } from "./schema.ts";
import { scheduleView } from "./views.ts";

/** The schedule as API and pages show it. @param tenant the one that it is of: in an archived one no run is due */
export function presentSchedule(row: BackupSchedule, tenant: { is_archived: boolean }): Schedule {
  return present(scheduleView, {
    ...row,
    next_run_at: tenant.is_archived ? null : row.next_run_at,
    days_of_week: row.frequency === "weekly" ? row.days_of_week : null,
    // It means nothing where nothing is carried.
    carried_since: row.carried_nominal_at && row.carried_since,
  });
}
