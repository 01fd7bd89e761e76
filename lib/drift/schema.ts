import { z } from "zod";
import { idSchema } from "#lib/ids";
import { restoreItemsMost } from "#lib/limits";
import { policyType } from "#lib/view-fields";
import type { baselineView, driftDetailsView, driftSummaryView, driftView } from "./views.ts";

/** What became of a policy since the baseline. `added`: the baseline has everything of its type, and not this one. */
export const driftKinds = ["added", "removed", "changed"] as const;
export type DriftKind = (typeof driftKinds)[number];

/** What people say about a difference: nothing yet, that it may be, that it may not be. */
export const driftStates = ["new", "accepted", "denied"] as const;
export type DriftState = (typeof driftStates)[number];

/** Which differences a list shows; `active`: those that nobody accepted; `gone`: the history. */
export const driftFilters = ["active", ...driftStates, "gone"] as const;
export type DriftFilter = (typeof driftFilters)[number];

/** Why an accepted difference is new again. */
export const renewals = ["changed", "expired"] as const;

/** Why a difference is gone. */
export const goneReasons = ["returned", "baseline_changed", "baseline_removed"] as const;

/** Whether a baseline has all policies of its set, all of some types, or some policies. */
export const coverages = ["all", "types", "items"] as const;

export const reasonMost = 500;

const text = z.string().trim().max(reasonMost, `must be at most ${reasonMost} characters`);

/** Input of the choice of a baseline. */
export const setBaselineInput = z
  .strictObject({
    set_id: idSchema.meta({ description: "The set whose policies the tenant shall have" }),
    source_tenant_id: idSchema.optional().meta({
      description: "The set's tenant; without it, the same. Another one's policies are found by their names",
    }),
    policy_types: z
      .array(policyType)
      .min(1, "must name at least one")
      .max(200, "must name at most 200")
      .optional()
      .meta({ description: "Only these types; without it, and without items, all" }),
    items: z
      .array(z.strictObject({ policy_type: policyType, graph_id: z.string().min(1).max(500) }))
      .min(1, "must name at least one")
      .max(restoreItemsMost, `must name at most ${restoreItemsMost}`)
      .optional()
      .meta({ description: "Only these policies of the set; what is there beside is no difference then" }),
  })
  .refine((input) => input.policy_types === undefined || input.items === undefined, {
    path: ["items"],
    message: "cannot be named together with policy_types",
  });

/** Differences as somebody saw them: what has changed since is not decided about unseen. */
const decidedDrifts = z
  .array(
    z.strictObject({
      id: idSchema,
      version: z.int().min(1).optional().meta({
        description: "As it was read; when it is another by now, nothing is decided",
      }),
    }),
  )
  .min(1, "must name at least one")
  .max(restoreItemsMost, `must name at most ${restoreItemsMost}`)
  .meta({ description: "The differences, each by its id" });

export const acceptInput = z.strictObject({
  drifts: decidedDrifts,
  reason: text.min(1, "must say why").meta({ description: "Why they may be" }),
  until: z.iso
    .datetime({ offset: true })
    .nullable()
    .optional()
    .meta({ description: "When it is new again; null or absent: when the policy changes" }),
});

export const denyInput = z.strictObject({
  drifts: decidedDrifts,
  reason: text.optional().meta({ description: "Why they may not be" }),
});

export const reopenInput = z.strictObject({ drifts: decidedDrifts });

/** A tenant's baseline, as pages show it. */
export type Baseline = z.infer<typeof baselineView>;
/** A difference from the baseline. */
export type Drift = z.infer<typeof driftView>;
export type DriftDetails = z.infer<typeof driftDetailsView>;
/** How far a tenant is from its baseline. */
export type DriftSummary = z.infer<typeof driftSummaryView>;
