import type { RestoreItem } from "#lib/restore/schema";
import type { Tone } from "../ui/badge.tsx";

/** What is worth saying of a policy before it is unfolded; null for nothing. */
export function itemSummary(item: RestoreItem, begun: boolean): { text: string; tone?: Tone } | null {
  if (begun && item.error_message) return { text: item.error_message, tone: "danger" };
  if (begun && item.state === "done_with_differences") {
    const count = item.differences?.length ?? 0;
    return { text: `Differs from the backup in ${count === 1 ? "1 place" : `${count} places`}` };
  }
  if (begun && item.state === "waiting_for_approval")
    return { text: "Another administrator has to approve it in Intune", tone: "warning" };
  if (item.is_skipped) return null;
  if (item.outcome === "blocked" && item.reasons[0]) {
    const more = item.reasons.length - 1;
    return {
      text: item.reasons[0].message + (more > 0 ? ` And ${more} more.` : ""),
      tone: "warning",
    };
  }
  if (item.outcome === "impossible") return item.why === null ? null : { text: item.why };
  const parts = [
    item.mode === "copy" && item.prefix !== null ? `As “${item.prefix}${item.display_name}”` : "",
    item.outcome === "update" ? changesText(item.change_count) : "",
    staysText(item.stays.length),
    item.confirm.length > 0 && !begun ? "Asks for a confirmation of its own" : "",
    item.later.length > 0 && item.later_taken_at === null ? "Not enabled: that is a second step" : "",
  ].filter(Boolean);
  return parts.length > 0 ? { text: parts.join(" · ") } : null;
}

/** Nothing is ever deleted. */
function staysText(count: number): string {
  if (count === 0) return "";
  return count === 1 ? "1 that the backup lacks stays" : `${count} that the backup lacks stay`;
}

function changesText(count: number): string {
  return count === 1 ? "1 difference" : `${count} differences`;
}
