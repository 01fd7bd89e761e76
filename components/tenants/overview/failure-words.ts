import { canIn, type Standing } from "#lib/access/permissions";
import { counted } from "#lib/counted";
import { type FailureCause, failureDays } from "#lib/overview/failure-causes";
import { runErrors } from "#lib/run-error-codes";

/** `3 runs of 2 schedules in 14 days, 1 not fixed yet, 1 fixed since`: how far a cause reaches, and what has become of it. */
export function extentWords(cause: Omit<FailureCause, "error_code" | "newest">): string {
  const { runs, schedules, unresolved_schedules, fixed_schedules, deleted_schedules } = cause;
  const hit = runs === 1 ? "1 run" : `${counted(runs, "run")} of ${counted(schedules, "schedule")}`;
  const others = schedules - unresolved_schedules - fixed_schedules - deleted_schedules;
  const states: [count: number, ofAll: string, ofSome: string][] = [
    [unresolved_schedules, "not fixed yet", "not fixed yet"],
    [fixed_schedules, "fixed since", "fixed since"],
    [others, "another cause since", "with another cause since"],
    [deleted_schedules, `${schedules === 1 ? "its schedule" : "all of them"} deleted since`, "deleted since"],
  ];
  const told = states
    .filter(([count]) => count > 0)
    .map(([count, ofAll, ofSome]) =>
      count === schedules ? ofAll : `${count.toLocaleString("en")} ${ofSome}`,
    );
  return `${hit} in ${failureDays} days, ${told.join(", ")}`;
}

/** What a person can do about a cause, in a sentence. */
export function remedyWords(
  cause: Pick<FailureCause, "error_code" | "schedules" | "deleted_schedules">,
): string {
  const { fixedOn, remedy } = runErrors[cause.error_code];
  // A connection is the whole tenant's; all else is about schedules, and ends with another run of them.
  if (fixedOn === "connection" || cause.deleted_schedules < cause.schedules) return remedy;
  const gone = cause.schedules === 1 ? "the schedule was" : "the schedules were";
  return `Nothing any more: ${gone} deleted.`;
}

/** A page of the tenant that helps with a cause. */
interface RemedyPage {
  /** Below the tenant's pages. */
  path: string;
  label: string;
  /** A run opens over the page that leads there, which stays where it is. */
  scroll: boolean;
}

/** Where the viewer does something about a cause; null where no page of ours helps, or they may not. */
export function remedyPage(
  { error_code, newest }: Pick<FailureCause, "error_code" | "newest">,
  viewer: Standing,
): RemedyPage | null {
  const { fixedOn } = runErrors[error_code];
  if (fixedOn === "connection" && canIn(viewer, "connection:view"))
    return { path: "/connection", label: "Open the connection", scroll: true };
  if (fixedOn !== "schedule") return null;
  // Nobody edits a schedule that is deleted: its run still says what was missing.
  if (newest.schedule_is_deleted)
    return { path: `/runs/${newest.run_id}`, label: "Open the run", scroll: false };
  return canIn(viewer, "schedule:write")
    ? { path: `/backup-schedules/${newest.schedule_id}/edit`, label: "Edit the schedule", scroll: true }
    : null;
}
