import type { Actor } from "#lib/access/actor";
import { AppError } from "#lib/errors";
import { namesFor, type References, referencesOf } from "#lib/names/collect";
import type { NameKind, Names, NamesDocument } from "#lib/names/names";
import { getSetNames } from "./read-names.ts";

/** The names of what one policy refers to. */
export interface DocumentNames {
  references: References;
  names: Names;
  /** Of the kinds that it refers to. */
  unresolved: NamesDocument["unresolved"];
}

/** {@link documentNames}; none where the set, or the policy, is not there. */
export async function namesWhereKept(
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

/**
 * The names of what a policy of a set refers to. Where the stored names are damaged, ids stay ids: it is for verification
 * to tell.
 * @param document the policy, parsed
 * @throws AppError NOT_FOUND
 */
export async function documentNames(
  actor: Actor,
  tenantId: number,
  setId: number,
  document: unknown,
): Promise<DocumentNames> {
  const references = referencesOf(document);
  const kinds = Object.keys(references) as NameKind[];
  if (kinds.length === 0) return { references, names: {}, unresolved: {} };
  try {
    const { names, unresolved } = await getSetNames(actor, tenantId, { set_id: setId });
    const why = kinds.flatMap((kind) => (unresolved[kind] ? [[kind, unresolved[kind]] as const] : []));
    return { references, names: namesFor(references, names), unresolved: Object.fromEntries(why) };
  } catch (error) {
    if (error instanceof AppError && error.code === "INTERNAL")
      return { references, names: {}, unresolved: {} };
    throw error;
  }
}
