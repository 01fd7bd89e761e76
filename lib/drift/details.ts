import { z } from "zod";
import { differencesInWords } from "#lib/compare/differences-in-words";
import { diffDocuments } from "#lib/compare/document-diff";
import { idSchema } from "#lib/ids";
import { mergeNames } from "#lib/names/collect";
import type { Names } from "#lib/names/names";
import { operationInSteps } from "#lib/operation";
import { namesWhereKept } from "#lib/sets/names-of-document";
import { provenJson } from "#lib/sets/snapshot-codec";
import { namesKnown } from "./known.ts";
import { readDrift } from "./list.ts";
import { driftDetailsView } from "./views.ts";

/**
 * One difference, path by path from the baseline to the tenant. Of what was added or removed, the one document is the
 * difference.
 * @throws AppError NOT_FOUND
 */
export const getDrift = operationInSteps({
  name: "drift.get",
  permission: "set:view",
  input: z.strictObject({ drift_id: idSchema }),
  output: driftDetailsView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/drift/{driftId}",
    operationId: "getDrift",
    summary: "One difference from the baseline, path by path",
    tag: "Drift",
    answer: "The difference",
  },
  async run({ actor, tenant }, { drift_id }) {
    const { drift, is_across_tenants, baseline, live, baseline_set_id, known } = await readDrift(
      actor,
      tenant.id,
      { drift_id },
    );
    // A damaged copy is as one that is not there: it is for verification to tell.
    const [before, after] = [await provenJson(baseline), await provenJson(live)];
    const isStored =
      (drift.kind === "added" || before !== null) && (drift.kind === "removed" || after !== null);
    const names = {
      left: mergeNames(
        namesKnown(known, before),
        await namesWhereKept(actor, tenant.id, baseline_set_id, before),
      ),
      right: await namesWhereKept(actor, tenant.id, drift.seen_set_id, after),
    };
    if (!isStored) return { ...drift, changes: null, words: null, names };
    const side = (document: unknown, names: Names) =>
      document === null ? null : { policyType: drift.policy_type, document, names };
    const across = { acrossTenants: is_across_tenants };
    return {
      ...drift,
      changes: diffDocuments(before ?? {}, after ?? {}, across),
      words: await differencesInWords(
        actor,
        tenant.id,
        { before: side(before, names.left), after: side(after, names.right) },
        across,
      ),
      names,
    };
  },
});
