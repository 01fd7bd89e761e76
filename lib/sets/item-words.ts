import { z } from "zod";
import type { Actor } from "#lib/access/actor";
import { bigIdSchema, idSchema } from "#lib/ids";
import { operation, operationInSteps } from "#lib/operation";
import { contextOf, readSettingKnowledge, type SettingKnowledge } from "#lib/words/context";
import type { PolicyWords } from "#lib/words/schema";
import { settingIdsOf } from "#lib/words/setting-ids";
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

/** A policy of a set to be said in words. */
interface DocumentOfSet {
  tenantId: number;
  setId: number;
  policyType: string;
  /** As it is stored, parsed. */
  document: unknown;
}

/**
 * Policies of sets in words, in the order in which they are given, with the names of each one's own set.
 * @throws AppError NOT_FOUND
 */
export async function inWords(actor: Actor, documents: readonly DocumentOfSet[]): Promise<PolicyWords[]> {
  const [first] = documents;
  if (!first) return [];
  const knowledge = await readKnowledge(actor, first.tenantId, { setting_ids: settingIdsOf(documents) });
  return Promise.all(
    documents.map(async ({ tenantId, setId, policyType, document }) => {
      const { names } = await documentNames(actor, tenantId, setId, document);
      return wordsOf(policyType, document, contextOf(knowledge, names));
    }),
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
    const document: unknown = JSON.parse(json);
    const [words] = await inWords(actor, [{ tenantId: tenant.id, setId: set_id, policyType, document }]);
    return words ?? { sections: [], sentences: [] };
  },
});
