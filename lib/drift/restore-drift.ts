import { z } from "zod";
import { AppError } from "#lib/errors";
import { idSchema } from "#lib/ids";
import { restoreItemsMost } from "#lib/limits";
import { operation, operationInSteps } from "#lib/operation";
import { findType } from "#lib/policies/catalog";
import { createRestore } from "#lib/restore/create";
import type { Document } from "#lib/restore/document";
import { decisionKey } from "#lib/restore/mapping";
import { referencesIn } from "#lib/restore/plan-all";
import { readFromOf } from "#lib/restore/planned-for";
import type { RestoreSource } from "#lib/restore/read-source";
import { restoreView } from "#lib/restore/views";
import { provenJson } from "#lib/sets/snapshot-codec";
import { noBaseline } from "./baseline.ts";
import { knownShape } from "./known.ts";
import { driftNotFound } from "./list.ts";

const idsInput = z.strictObject({
  drift_ids: z
    .array(idSchema)
    .min(1, "must name at least one")
    .max(restoreItemsMost, `must name at most ${restoreItemsMost}`)
    .transform((ids) => [...new Set(ids)])
    .meta({
      description: "Policies that are changed or removed: what the baseline does not have is not deleted",
    }),
});

/** The policies of the baseline that some differences are about, as the source of a restore. */
const readRestored = operation({
  name: "drift.read_restored",
  permission: "restore:plan",
  effect: "read",
  timeoutMs: 60_000,
  input: idsInput,
  output: z.strictObject({
    source_tenant_id: idSchema,
    set_id: idSchema,
    source: z.custom<RestoreSource>(),
  }),
  async run({ db, tenant }, { drift_ids }) {
    const baseline = await db.baseline.findFirst();
    if (!baseline) throw noBaseline();
    const rows = await db.drift.findMany({ where: { id: { in: drift_ids } } });
    if (rows.length < drift_ids.length) throw driftNotFound();
    for (const { gone_at, kind, display_name } of rows) {
      if (gone_at !== null)
        throw new AppError("CONFLICT", `"${display_name}" does not differ from the baseline any more.`);
      if (kind === "added")
        throw new AppError(
          "CONFLICT",
          `The baseline does not have "${display_name}". A restore never deletes: remove it in Microsoft's portal.`,
        );
    }
    const items = await db.$queryRaw<RestoreSource["items"]>`
      SELECT i.policy_type, i.graph_id, i.display_name, i.sha256, i.encoding, i.content
      FROM drifts d
      JOIN baseline_items i USING (tenant_id, policy_type, graph_id)
      WHERE i.hash = d.baseline_hash AND d.tenant_id = ${tenant.id} AND d.id = ANY(${drift_ids}::int[]) ORDER BY d.id`;
    const found = new Set(items.map((item) => `${item.policy_type} ${item.graph_id}`));
    // Of a baseline that was chosen since the last comparison.
    const missing = rows.find(({ policy_type, graph_id }) => !found.has(`${policy_type} ${graph_id}`));
    if (missing)
      throw new AppError(
        "CONFLICT",
        `The baseline is another by now, and does not have "${missing.display_name}" as it was when the difference was found. Wait until the tenant is compared with the new one.`,
      );
    const documents = [];
    for (const item of items) {
      const type = findType(item.policy_type);
      const backup = await provenJson(item);
      if (!type || backup === null)
        throw new AppError("CONFLICT", `The baseline's copy of "${item.display_name}" cannot be used.`);
      documents.push({ type, backup: backup as Document });
    }
    const { known, types } = knownShape.parse(baseline.known);
    // Of another tenant it is not seen here, and does not matter: that is another one anyway.
    const set = await db.backupSet.findFirst({
      where: { id: baseline.source_set_id },
      select: { manifest: true },
    });
    const referred = new Set(referencesIn(documents).map(({ kind, id }) => decisionKey(kind, id)));
    return {
      source_tenant_id: baseline.source_tenant_id,
      set_id: baseline.source_set_id,
      source: {
        tenant_name: baseline.source_tenant_name,
        set_created_at: baseline.source_set_created_at.toISOString(),
        items,
        known: known.filter(({ kind, id }) => referred.has(decisionKey(kind, id))),
        types,
        read_from: set && readFromOf(set.manifest),
      },
    };
  },
});

/**
 * Begins the plan of a restore that brings policies back to what the baseline has, from the baseline's own copies: the set
 * that it was chosen from may be gone. Nothing is written to the tenant.
 * @throws AppError NOT_FOUND; CONFLICT for what is gone, was added, or is in the baseline no more, and without a connection
 */
export const restoreDrift = operationInSteps({
  name: "drift.restore",
  permission: "restore:plan",
  input: idsInput,
  output: restoreView,
  http: {
    method: "POST",
    path: "/tenants/{tenantId}/drift/restore",
    operationId: "restoreDrift",
    summary: "Plan to bring policies back to the baseline",
    description:
      "Makes a restore, whose plan says what would change. Nothing is written until somebody asks for it.",
    tag: "Drift",
    status: 201,
    answer: "The restore, which is being planned",
    errors: ["CONFLICT"],
    location: (made) => `/tenants/${made.tenant_id}/restores/${made.id}`,
  },
  async run({ actor, tenant }, { drift_ids }) {
    const { source_tenant_id, set_id, source } = await readRestored(actor, tenant.id, { drift_ids });
    return createRestore(actor, tenant.id, {
      source_tenant_id,
      set_id,
      undo_of: null,
      modes: source.items.map(() => "in_place" as const),
      source,
    });
  },
});
