import { counted } from "#lib/counted";
import { type FailureCause, failureDays } from "#lib/overview/failure-causes";

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
