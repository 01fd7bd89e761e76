import { z } from "zod";
import type { Actor } from "#lib/access/actor";
import { diffDocuments } from "#lib/compare/document-diff";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import type { Names } from "#lib/names/names";
import { operationInSteps } from "#lib/operation";
import { documentNames } from "#lib/sets/names-of-document";
import { provenDocument, type StoredDocument } from "#lib/sets/snapshot-codec";
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
    const { drift, is_across_tenants, baseline, live, baseline_set_id } = await readDrift(actor, tenant.id, {
      drift_id,
    });
    const [before, after] = [await documentOf(baseline), await documentOf(live)];
    const isStored =
      (drift.kind === "added" || before !== null) && (drift.kind === "removed" || after !== null);
    return {
      ...drift,
      changes: isStored
        ? diffDocuments(before ?? {}, after ?? {}, { acrossTenants: is_across_tenants })
        : null,
      names: {
        left: await namesOf(actor, tenant.id, baseline_set_id, before),
        right: await namesOf(actor, tenant.id, drift.seen_set_id, after),
      },
    };
  },
});

/** A damaged copy is as one that is not there: it is for verification to tell. */
async function documentOf(stored: StoredDocument | null): Promise<unknown> {
  const bytes = stored && (await provenDocument(stored));
  return bytes ? JSON.parse(new TextDecoder().decode(bytes)) : null;
}

/** What ids stood for in a set; nothing where the set is gone. */
async function namesOf(
  actor: Actor,
  tenantId: number,
  setId: number | null,
  document: unknown,
): Promise<Names> {
  if (setId === null || document === null) return {};
  try {
    return (await documentNames(actor, tenantId, setId, document)).names;
  } catch (error) {
    if (error instanceof AppError && error.code === "NOT_FOUND") return {};
    throw error;
  }
}
