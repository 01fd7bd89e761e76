import { bytesText } from "#components/ui/bytes.ts";
import type { RunSummary, TypeSummary } from "#lib/capture/summary";
import { counted } from "#lib/counted";
import type { RunStatus } from "#lib/runs/schema";

interface Told {
  status: RunStatus;
  started_at: string | null;
  cancel_requested_at: string | null;
  summary: RunSummary;
}

/** What a run came to, sentence by sentence. The first one is the answer, the others are the rest of the summary. */
export function runStory(run: Told): string[] {
  return [outcome(run), ...shortfalls(run), changes(run), storage(run), missed(run)].filter(
    (sentence) => sentence !== null,
  );
}

function outcome(run: Told): string {
  const all = typesOf(run.summary);
  const captured = sum(all, (type) => type.captured);
  switch (run.status) {
    case "running":
      if (run.cancel_requested_at) return "Cancel was asked for; the run is stopping.";
      return run.started_at ? "Reading the tenant's policies." : "Waiting for a worker.";
    case "success":
      if (run.summary.empty)
        return "The tenant has no policy of the types that the schedule backs up: is it the right tenant? If that may be so, say it in the schedule.";
      return captured === 0
        ? "The tenant has nothing of what the schedule backs up, and that is proven."
        : `Captured ${captured === 1 ? "the one item" : `all ${captured} items`}: ${breakdown(run.summary)}.`;
    case "partial":
      return `Captured ${counted(captured, "item")}, and something is missing.`;
    case "failed":
      return "Made no backup set. Earlier backup sets stay as they are.";
    case "canceled":
      return "Canceled; no backup set was made. Earlier backup sets stay as they are.";
    case "skipped":
      return "Nothing was attempted.";
  }
}

/** `131 in 5 policy types and 23 in 8 foundations`. */
function breakdown({ types = {}, foundations = {} }: RunSummary): string {
  const part = (of: Record<string, TypeSummary>, one: string) => {
    const number = Object.keys(of).length;
    return number === 0
      ? null
      : `${sum(Object.values(of), (type) => type.captured)} in ${counted(number, one)}`;
  };
  return [part(types, "policy type"), part(foundations, "foundation")]
    .filter((words) => words !== null)
    .join(" and ");
}

function shortfalls({ status, summary }: Told): string[] {
  if (status !== "partial" && status !== "success") return [];
  const all = typesOf(summary);
  const said: string[] = [];
  const failed = sum(all, (type) => type.failed);
  const unread = all.filter((type) => !type.skipped && !type.listed).length;
  const skipped = all.filter((type) => type.skipped).length;
  const gone = sum(all, (type) => type.gone);
  if (failed > 0) said.push(`${counted(failed, "item")} could not be read.`);
  if (unread > 0) said.push(`${counted(unread, "policy type")} could not be listed to the end.`);
  if (skipped > 0) said.push(`${counted(skipped, "policy type")} left out.`);
  if (gone > 0) said.push(`${counted(gone, "item")} deleted in the tenant meanwhile, which is no error.`);
  return said;
}

function changes({ summary }: Told): string | null {
  const change = summary.changes;
  if (!change) return null;
  if (change.changed + change.removed + change.unchanged === 0) {
    return change.added > 0
      ? "The first backup set of this schedule: there is none to compare it with."
      : null;
  }
  const parts = (["added", "removed", "changed"] as const).flatMap((kind) =>
    change[kind] > 0 ? [`${change[kind]} ${kind}`] : [],
  );
  return parts.length === 0
    ? "Nothing has changed since the backups before."
    : `Since the backups before: ${parts.join(", ")}, ${change.unchanged} unchanged.`;
}

function storage({ summary }: Told): string | null {
  const { bytes } = summary;
  if (!bytes) return null;
  return bytes.added === 0
    ? `${bytesText(bytes.logical)} of JSON, all of it stored before.`
    : `${bytesText(bytes.logical)} of JSON; it took ${bytesText(bytes.added)} more storage.`;
}

function missed({ summary, status }: Told): string | null {
  const older = summary.missed_occurrences ?? 0;
  if (older === 0 || status === "skipped") return null;
  return `It also stands for ${counted(older, "older run")} missed before it.`;
}

function typesOf(summary: RunSummary): TypeSummary[] {
  return [...Object.values(summary.types ?? {}), ...Object.values(summary.foundations ?? {})];
}

function sum<T>(all: readonly T[], of: (each: T) => number): number {
  return all.reduce((total, each) => total + of(each), 0);
}
