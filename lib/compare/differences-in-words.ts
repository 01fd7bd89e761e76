import type { Actor } from "#lib/access/actor";
import { mergeNames, namesAcross } from "#lib/names/collect";
import { inWords, type NamedDocument } from "#lib/sets/item-words";
import { type WordChange, wordDifferences } from "#lib/words/differences";
import type { PolicyWords } from "#lib/words/schema";

/** What every tenant numbers by itself, so that it is no difference between two. */
const eachTenantsOwn = new Set(["roleScopeTagIds", "roleScopeTags"]);

/**
 * What differs between two documents of a policy, as people read it: what every comparison shows. Within a tenant an id is the same
 * thing, whatever it was called when either set was made: that is no difference. Between two, so are applications and roles.
 * @param before the older one; null: the policy was not there
 * @param after the newer one; null: it is not there any more
 * @param options.acrossTenants leaves out what every tenant has of its own; groups and what else has ids are told apart by their names
 * @param tenantId one in which the actor may view sets
 */
export async function differencesInWords(
  actor: Actor,
  tenantId: number,
  { before, after }: { before: NamedDocument | null; after: NamedDocument | null },
  { acrossTenants = false }: { acrossTenants?: boolean } = {},
): Promise<WordChange[]> {
  const either = mergeNames(before?.names ?? {}, after?.names ?? {});
  const named = (side: NamedDocument) => ({
    ...side,
    names: acrossTenants ? namesAcross(side.names, either) : either,
  });
  const said = await inWords(
    actor,
    tenantId,
    [before, after].flatMap((side) => (side ? [named(side)] : [])),
    { acrossTenants },
  );
  const take = (side: NamedDocument | null): PolicyWords | null => (side && said.shift()) ?? null;
  const [older, newer] = [take(before), take(after)];
  return wordDifferences(older, newer).filter(
    ({ path: [property] }) => !(acrossTenants && eachTenantsOwn.has(String(property))),
  );
}
