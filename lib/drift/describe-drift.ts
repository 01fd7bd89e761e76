import { alertsActor } from "#lib/access/actor";
import { linesInWords, policiesMost } from "#lib/compare/lines-in-words";
import type { ChangesInWords } from "#lib/delivery/message";
import { getDrift } from "./details.ts";
import { getDriftSummary, listDrift } from "./list.ts";
import type { driftKinds } from "./schema.ts";

/** Of a difference in which nothing has a name, or that has but one side. */
const sentences = {
  added: "Not in the baseline",
  removed: "In the baseline, and not in the tenant any more",
  changed: "Not as in the baseline",
} as const satisfies Record<(typeof driftKinds)[number], string>;
/** The same with another tenant's baseline: what that has may never have been in the tenant. */
const sentencesAcross = { ...sentences, removed: "In the baseline, and not in the tenant" };

/**
 * How a tenant differs from its baseline now, in words as the page of drift says it: for messages. What was accepted is left out.
 * @returns the newest differences, each with who changed the policy last, where that is known, and a line a setting from the
 *   baseline to the tenant
 */
export async function describeDrift(tenantId: number): Promise<ChangesInWords> {
  const { items } = await listDrift(alertsActor, tenantId, { state: "active", limit: policiesMost });
  const summary = await getDriftSummary(alertsActor, tenantId, {});
  const sentence = summary.baseline?.source.tenant_id === tenantId ? sentences : sentencesAcross;
  const policies: ChangesInWords["policies"] = [];
  for (const { id, kind, display_name, changed_by } of items) {
    const words = kind === "changed" ? (await getDrift(alertsActor, tenantId, { drift_id: id })).words : null;
    const said = words && words.length > 0 ? linesInWords(words) : { lines: [sentence[kind]], more: 0 };
    const who = changed_by ? [`Last changed by ${changed_by.who}`] : [];
    policies.push({ name: display_name, lines: [...said.lines, ...who], more: said.more });
  }
  return { policies, more: Math.max(0, summary.new + summary.denied - items.length) };
}
