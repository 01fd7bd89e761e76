import { z } from "zod";
import type { Actor } from "#lib/access/actor";
import { readExactly } from "#lib/graph/exact-number";
import { bigIdSchema, idSchema } from "#lib/ids";
import type { Names } from "#lib/names/names";
import { operation, operationInSteps } from "#lib/operation";
import { contextOf, readSettingKnowledge, type SettingKnowledge } from "#lib/words/context";
import type { PolicyWords } from "#lib/words/schema";
import { settingIdsOf, type TypedDocument } from "#lib/words/setting-ids";
import { policyWordsView } from "#lib/words/views";
import { wordsOf } from "#lib/words/words-of";
import { getItemContent } from "./items.ts";
import { documentNames } from "./names-of-document.ts";

const readKnowledge = operation({
  name: "item.read_definitions",
  permission: "set:view",
  effect: "read",
  input: z.strictObject({ setting_ids: z.array(z.string()) }),
  output: z.custom<SettingKnowledge>(),
  run: ({ db }, { setting_ids }) => readSettingKnowledge(db, setting_ids),
});

/** A policy to be said in words, and what its ids stand for. */
export interface NamedDocument extends TypedDocument {
  names: Names;
}

/**
 * Policies in words, in the order in which they are given.
 * @param tenantId one in which the actor may view sets
 * @param options.acrossTenants they are of two tenants, and compared
 */
export async function inWords(
  actor: Actor,
  tenantId: number,
  documents: readonly NamedDocument[],
  { acrossTenants = false }: { acrossTenants?: boolean } = {},
): Promise<PolicyWords[]> {
  if (documents.length === 0) return [];
  const knowledge = await readKnowledge(actor, tenantId, { setting_ids: settingIdsOf(documents) });
  return documents.map(({ policyType, document, names }) =>
    wordsOf(policyType, document, { ...contextOf(knowledge, names), acrossTenants }),
  );
}

/**
 * One item of a set as people read it: by the portal's names for settings and choices, with the names of what its ids
 * stand for.
 * @throws AppError NOT_FOUND; INTERNAL when the stored bytes are damaged
 */
export const getItemWords = operationInSteps({
  name: "item.words",
  permission: "set:view",
  input: z.strictObject({ set_id: idSchema, item_id: bigIdSchema }),
  output: policyWordsView,
  http: {
    method: "GET",
    path: "/tenants/{tenantId}/backup-sets/{setId}/items/{itemId}/words",
    operationId: "getBackupItemWords",
    summary: "One policy in words",
    description:
      "Settings, choices and ids by their names, values with their units. What has no name is shown as it is.",
    tag: "Backup sets",
    answer: "Sections of rows; of conditional access sentences as well",
  },
  async run({ actor, tenant }, { set_id, item_id }) {
    const { policy_type: policyType, json } = await getItemContent(actor, tenant.id, { set_id, item_id });
    const document = readExactly(json);
    const { names } = await documentNames(actor, tenant.id, set_id, document);
    const [words] = await inWords(actor, tenant.id, [{ policyType, document, names }]);
    return words ?? { sections: [], sentences: [] };
  },
});
