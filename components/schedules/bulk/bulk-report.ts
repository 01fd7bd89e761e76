import type { BulkResult } from "#lib/runs/bulk";
import type { BulkPlan } from "./bulk-plan.ts";

/** What became of one schedule. */
export interface ReportRow {
  id: number;
  name: string;
  /** In a word or two: `Started`, `Refused`. */
  outcome: string;
  reason: string | null;
  run_id: number | null;
}

/** What became of a bulk act: of all in a sentence, and of each schedule, those that were left alone included. */
export interface Report {
  sentence: string;
  rows: ReportRow[];
  /** Everything that was to change did. */
  asPlanned: boolean;
  /** What takes the act back; null where nothing can. */
  undo: { schedule_ids: number[]; is_enabled: boolean } | null;
}

const gone = "It was deleted meanwhile.";

/** The report of a bulk Run now or Retry. */
export function runReport(plan: BulkPlan, result: BulkResult): Report {
  const outcomes = {
    started: "Started",
    already_running: "Was running already",
    refused: "Refused",
  } as const;
  const parts = [
    result.started === 1 ? "1 run started" : `${result.started} runs started`,
    result.already_running > 0 ? `${result.already_running} already running` : null,
    result.refused > 0 ? `${result.refused} refused` : null,
  ];
  return {
    sentence: sentenceOf(parts, plan),
    rows: [
      ...result.results.map((entry) => ({
        id: entry.schedule_id,
        name: entry.name ?? nameOf(plan, entry.schedule_id),
        outcome: outcomes[entry.outcome],
        reason: entry.outcome === "refused" ? entry.reason : null,
        run_id: entry.run_id,
      })),
      ...leftRows(plan),
    ],
    asPlanned: result.already_running === 0 && result.refused === 0,
    undo: null,
  };
}

/** The report of a bulk Enable or Disable. */
export function enableReport(
  plan: BulkPlan,
  is_enabled: boolean,
  { changed, unchanged }: { changed: number[]; unchanged: number[] },
): Report {
  const word = is_enabled ? "enabled" : "disabled";
  const rows = plan.affected.map(({ id, name }): ReportRow => {
    const row = { id, name, reason: null, run_id: null };
    if (changed.includes(id)) return { ...row, outcome: is_enabled ? "Enabled" : "Disabled" };
    if (unchanged.includes(id)) return { ...row, outcome: `Was ${word} already` };
    return { ...row, outcome: "Refused", reason: gone };
  });
  return {
    sentence: sentenceOf(countParts(rows, changed.length, word), plan),
    rows: [...rows, ...leftRows(plan)],
    asPlanned: changed.length === plan.affected.length,
    undo: changed.length > 0 ? { schedule_ids: changed, is_enabled: !is_enabled } : null,
  };
}

/** The report of a bulk Delete. */
export function deleteReport(plan: BulkPlan, { deleted }: { deleted: number[] }): Report {
  const rows = plan.affected.map(
    ({ id, name }): ReportRow => ({
      id,
      name,
      outcome: deleted.includes(id) ? "Deleted" : "Refused",
      reason: deleted.includes(id) ? null : gone,
      run_id: null,
    }),
  );
  return {
    sentence: sentenceOf(countParts(rows, deleted.length, "deleted"), plan),
    rows: [...rows, ...leftRows(plan)],
    asPlanned: deleted.length === plan.affected.length,
    undo: null,
  };
}

function countParts(rows: readonly ReportRow[], done: number, word: string): (string | null)[] {
  const refused = rows.filter((row) => row.outcome === "Refused").length;
  const already = rows.length - done - refused;
  return [
    `${done} ${done === 1 ? "schedule" : "schedules"} ${word}`,
    already > 0 ? `${already} ${already === 1 ? "was" : "were"} already` : null,
    refused > 0 ? `${refused} refused` : null,
  ];
}

function sentenceOf(parts: readonly (string | null)[], plan: BulkPlan): string {
  const left =
    plan.left.length > 0
      ? `${plan.left.length} left as ${plan.left.length === 1 ? "it was" : "they were"}`
      : null;
  return `${[...parts, left].filter((part) => part !== null).join(", ")}.`;
}

function leftRows(plan: BulkPlan): ReportRow[] {
  return plan.left.map(({ target, reason }) => ({
    id: target.id,
    name: target.name,
    outcome: "Left as it was",
    reason,
    run_id: target.active_run_id,
  }));
}

function nameOf(plan: BulkPlan, id: number): string {
  return plan.affected.find((target) => target.id === id)?.name ?? `Schedule ${id}`;
}
