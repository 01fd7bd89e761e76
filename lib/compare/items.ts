import { z } from "zod";
import { readExactly } from "#lib/graph/exact-number";
import { bigIdSchema, idSchema } from "#lib/ids";
import { operationInSteps } from "#lib/operation";
import { getItemContent, type ItemContent } from "#lib/sets/items";
import { documentNames } from "#lib/sets/names-of-document";
import { differencesInWords } from "./differences-in-words.ts";
import { diffDocuments } from "./document-diff.ts";
import { itemComparisonView } from "./views.ts";

/** What differs between two stored policies, in the order of the paths. */
export type ItemComparison = z.infer<typeof itemComparisonView>;

/**
 * The readable differences of a stored policy from an older one (`with_…`), of the same tenant or of another in which the
 * actor has a role. Volatile fields are no part of stored documents, and so of no difference.
 * @throws AppError NOT_FOUND for what is not the actor's; INTERNAL when a stored copy is damaged
 */
export const compareItems = operationInSteps({
  name: "item.compare",
  permission: "set:view",
  input: z.strictObject({
    set_id: idSchema,
    item_id: bigIdSchema,
    with_tenant_id: idSchema
      .optional()
      .meta({ description: "The older item's tenant; without it, the same" }),
    with_set_id: idSchema.meta({ description: "The older item's set" }),
    with_item_id: bigIdSchema.meta({ description: "The older item" }),
  }),
  output: itemComparisonView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/backup-sets/{setId}/items/{itemId}/comparison",
    operationId: "compareBackupItems",
    summary: "What differs in one policy, path by path, from an older item",
    tag: "Backup sets",
    answer: "The differences",
  },
  async run({ actor, tenant }, { set_id, item_id, with_tenant_id, with_set_id, with_item_id }) {
    const leftTenant = with_tenant_id ?? tenant.id;
    const before = await getItemContent(actor, leftTenant, { set_id: with_set_id, item_id: with_item_id });
    const after = await getItemContent(actor, tenant.id, { set_id, item_id });
    const sides = { left: withoutContent(before), right: withoutContent(after) };
    const identical = before.sha256 === after.sha256;
    if (identical) return { ...sides, identical, changes: [], words: [], names: { left: {}, right: {} } };
    const [older, newer]: unknown[] = [readExactly(before.json), readExactly(after.json)];
    const { names: olderNames } = await documentNames(actor, leftTenant, with_set_id, older);
    const { names: newerNames } = await documentNames(actor, tenant.id, set_id, newer);
    const acrossTenants = leftTenant !== tenant.id;
    const words = await differencesInWords(
      actor,
      tenant.id,
      {
        before: { policyType: before.policy_type, document: older, names: olderNames },
        after: { policyType: after.policy_type, document: newer, names: newerNames },
      },
      { acrossTenants },
    );
    return {
      ...sides,
      identical,
      changes: diffDocuments(older, newer, { acrossTenants }),
      words,
      names: { left: olderNames, right: newerNames },
    };
  },
});

function withoutContent({ json: _json, volatile: _volatile, ...item }: ItemContent): ItemComparison["left"] {
  return item;
}
