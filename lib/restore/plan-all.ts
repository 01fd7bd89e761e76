import type { PolicyType } from "#lib/policies/policy-type";
import { writingOf } from "#lib/policies/write";
import type { ReferenceKind } from "#lib/policies/write/write-rule";
import type { Document } from "./document.ts";
import { decisionKey, type KnownObject, kindsOf, mappingOf } from "./mapping.ts";
import type { Offers } from "./offered.ts";
import type { ItemPlan, Reason, Resolve, RestoreMode } from "./plan.ts";
import { planItem } from "./plan-item.ts";
import { rewriteReferences } from "./references.ts";

/** What a restore knows of the objects that its policies refer to. */
export interface Known {
  /** As the backup had them. */
  source: readonly KnownObject[];
  /** As the live tenant has them: under the same ids, or the same names. */
  target: readonly KnownObject[];
  /** What the live tenant has beside them; null or left out: an earlier version planned it, which did not look. */
  offers?: Offers | null;
}

/** What the live tenant has of a backup's policy; `unread`: its type could not be read. */
export type LiveMatch = "found" | "none" | "ambiguous" | "unread";

/** One policy of a restore, as it is planned. */
export interface PlannableItem {
  id: number;
  type: PolicyType;
  backup: Document;
  match: LiveMatch;
  live: Document | null;
  mode: RestoreMode;
  isSkipped: boolean;
  secrets: ReadonlyMap<string, string>;
}

/** What the plans of all items have in common. */
export interface PlanContext {
  known: Known;
  decisions: ReadonlyMap<string, { id: string } | "left out">;
  breakGlass: { users: readonly string[]; groups: readonly string[] };
  graphUrl: string;
  /** The backup is another tenant's, here or at Microsoft. */
  isForeign?: boolean;
}

/** A reference of some policies. */
export interface Referred {
  kind: ReferenceKind;
  id: string;
}

/** What documents refer to at the places that their rules name; each once. */
export function referencesIn(items: readonly { type: PolicyType; backup: Document }[]): Referred[] {
  const found = new Map<string, Referred>();
  for (const { type, backup } of items) {
    const rule = writingOf(type.key);
    if ("cannot" in rule) continue;
    rewriteReferences(backup, rule, (kind, id) => {
      found.set(decisionKey(kind, id), { kind, id });
      return { id };
    });
  }
  return [...found.values()];
}

/** Why an item cannot even be compared; null where it can. */
function unmatched({ match, mode }: PlannableItem): Reason | null {
  if (mode.kind === "copy" || match === "found" || match === "none") return null;
  return match === "ambiguous"
    ? {
        code: "ambiguous",
        path: "",
        message:
          "Several live policies bear its name, and none has its id: restore it as a copy, or skip it.",
      }
    : {
        code: "unread",
        path: "",
        message: "The live policies of its type could not be read: plan again when they can.",
      };
}

function inputOf(item: PlannableItem, context: PlanContext, resolve: Resolve) {
  const { type, backup, live, mode, secrets } = item;
  const { graphUrl, breakGlass, known } = context;
  return {
    type,
    backup,
    live: mode.kind === "copy" ? null : live,
    mode,
    resolve,
    graphUrl,
    secrets,
    breakGlass,
    offers: known.offers ?? null,
  };
}

/** Plans one item with the references as they resolve. */
export function planOne(item: PlannableItem, context: PlanContext, resolve: Resolve): ItemPlan {
  const reason = unmatched(item);
  if (reason !== null) return { outcome: "blocked", reasons: [reason], changes: [] };
  return named(planItem(inputOf(item, context, resolve)), context.known.source);
}

/** Calls what a person must decide by its name in the backup; under an id nobody knows it. */
function named(plan: ItemPlan, source: readonly KnownObject[]): ItemPlan {
  if (plan.outcome !== "blocked") return plan;
  const reasons = plan.reasons.map((reason) => {
    const known = source.find(({ kind, id }) => kind === reason.kind && id === reason.id);
    return known ? { ...reason, message: reason.message.replace(known.id, `“${known.name}”`) } : reason;
  });
  return { ...plan, reasons };
}

/**
 * What the restore itself makes of the references to its own items: the live object's id, or null where it is still to be
 * made. References of a copy lead to the original.
 */
export function madeBy(items: readonly PlannableItem[], context: PlanContext): Map<string, string | null> {
  const made = new Map<string, string | null>();
  for (const item of items) {
    const { type, backup, mode, live } = item;
    if (mode.kind === "copy" || item.isSkipped) continue;
    const keys = kindsOf(type.key).map((kind) => decisionKey(kind, String(backup[type.idProperty])));
    if (live !== null) {
      for (const key of keys) made.set(key, String(live[type.idProperty]));
    } else if (item.match === "none" && planOne(item, context, () => "pending").outcome === "create") {
      for (const key of keys) made.set(key, null);
    }
  }
  return made;
}

/** How references resolve for all items of a restore. */
export function resolverOf(context: PlanContext, made: ReadonlyMap<string, string | null>): Resolve {
  const { known, decisions, isForeign = false } = context;
  return mappingOf({ ...known, decisions, made, isForeign });
}

/**
 * Plans all items of a restore. An item that refers to one that cannot be made is planned as if that were not there.
 * @returns a plan for each item, also for those that are skipped, without what it compared; and what the restore makes itself
 */
export function planAll(
  items: readonly PlannableItem[],
  context: PlanContext,
): { plans: Map<number, ItemPlan>; made: Map<string, string | null> } {
  const made = madeBy(items, context);
  for (;;) {
    const resolve = resolverOf(context, made);
    const plans = new Map(items.map((item) => [item.id, withoutSides(planOne(item, context, resolve))]));
    const lost = items.filter((item) => {
      const outcome = plans.get(item.id)?.outcome;
      return (
        (outcome === "blocked" || outcome === "impossible") &&
        keysOf(item).some((key) => made.get(key) === null)
      );
    });
    if (lost.length === 0) return { plans, made };
    for (const item of lost) for (const key of keysOf(item)) made.delete(key);
  }
}

/** Of many plans at once, the documents that each compared are not kept. */
function withoutSides({ sides: _, ...plan }: ItemPlan): ItemPlan {
  return plan;
}

function keysOf({ type, backup }: PlannableItem): string[] {
  return kindsOf(type.key).map((kind) => decisionKey(kind, String(backup[type.idProperty])));
}
