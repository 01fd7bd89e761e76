import type { GraphClient } from "#lib/graph/client";
import { GraphError } from "#lib/graph/errors";
import { type Document, documentsOf, isDocument } from "./document.ts";
import { definitionKey, presentationOf } from "./imported-settings.ts";
import type { ImportedDefinition, OfferedTemplate, Offers, RequiredSetting } from "./offered.ts";
import { mayComeBack, type OffersWanted } from "./offers.ts";
import { idsWithin, otherSpellings } from "./spellings.ts";

/**
 * Looks up in the live tenant what decides whether policies can be written to it. Where nobody can look, it says so: Graph
 * has the last word then, as it has of all else.
 * @throws the signal's reason when aborted
 */
export async function lookUpOffers(client: GraphClient, wanted: OffersWanted): Promise<Offers> {
  const [templates, imported, successors, deleted] = await Promise.all([
    Promise.all(wanted.templates.map((one) => templateOf(client, one))),
    wanted.imported.length === 0 ? [] : orNull(() => importedOf(client, new Set(wanted.imported))),
    orNull(async () => (await Promise.all(wanted.successors.map((one) => successorsOf(client, one)))).flat()),
    Promise.all(wanted.deleted.map((one) => orNull(() => deletedOf(client, one)))),
  ]);
  return {
    templates: templates.flat(),
    imported,
    successors,
    deleted: deleted.flatMap((found) => found ?? []),
  };
}

/**
 * Looks it up once more before it is written: days may have passed since it was planned, and files been imported anew. What
 * cannot be looked up now is as it was then.
 * @param planned as the plan knows it
 */
export async function lookUpAgain(
  client: GraphClient,
  planned: Offers,
  wanted: OffersWanted,
): Promise<Offers> {
  // Each of what was deleted is looked at when its turn comes.
  const now = await lookUpOffers(client, { ...wanted, deleted: [] });
  const same = (one: OfferedTemplate) => (other: OfferedTemplate) =>
    other.path === one.path && other.id === one.id;
  const known = now.templates.map((one): OfferedTemplate => {
    const then = planned.templates.find(same(one));
    if (!then) return one;
    const isTold = one.settings !== null;
    return {
      ...one,
      settings: isTold ? one.settings : then.settings,
      required: (isTold ? one.required : then.required) ?? [],
      // Of two spellings the later one counts.
      spellings: [...(then.spellings ?? []), ...(one.spellings ?? [])],
    };
  });
  return {
    templates: [...known, ...planned.templates.filter((one) => !known.some(same(one)))],
    imported: now.imported ?? planned.imported,
    successors: now.successors ?? planned.successors,
    deleted: planned.deleted,
  };
}

/** Null: Graph did not tell. */
async function orNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof GraphError) return null;
    throw error;
  }
}

async function templateOf(
  client: GraphClient,
  { rule, id, settingIds }: OffersWanted["templates"][number],
): Promise<OfferedTemplate[]> {
  const { path, retired, settings: below } = rule;
  const at = `${path}/${encodeURIComponent(id)}`;
  const found = await orNull(async () => ({ template: await client.entityOrNone(at, "beta") }));
  if (found === null) return [];
  const { template } = found;
  if (template === null) return [{ path, id, name: null, isOffered: false, settings: null }];
  const isOffered = !retired.values.some((value) => template[retired.property] === value);
  const name = typeof template.displayName === "string" ? template.displayName : null;
  const list = below === null ? [] : await settingsBelow(client, `${at}/${below}`);
  const places = list.flatMap(({ settingInstanceTemplate: place }) => (isDocument(place) ? [place] : []));
  const settings = places
    .flatMap((place) => [place.settingDefinitionId, place.settingInstanceTemplateId])
    .flatMap((one) => (typeof one === "string" ? [one.toLowerCase()] : []));
  const definitions = list.flatMap(({ settingDefinitions }) => documentsOf(settingDefinitions));
  return [
    {
      path,
      id,
      name,
      isOffered,
      // None at all tells nothing: every setting would seem to be absent.
      settings: settings.length === 0 ? null : settings,
      required: places.flatMap((place) => requiredAt(place, definitions)),
      spellings: otherSpellings(settingIds, [
        ...idsWithin(places),
        ...textsOf(definitions, "id"),
        ...textsOf(
          definitions.flatMap(({ options }) => documentsOf(options)),
          "itemId",
        ),
      ]),
    },
  ];
}

/** What stands below a template, with Microsoft's definitions where Graph gives these: they know the ids as it takes them. */
async function settingsBelow(client: GraphClient, path: string): Promise<Document[]> {
  try {
    return await client.collection(`${path}?$expand=settingDefinitions`, "beta");
  } catch (error) {
    if (!(error instanceof GraphError)) throw error;
    // Graph is away: it would be without the definitions as well, after as many tries.
    if (error.retryable) return [];
    return (await orNull(() => client.collection(path, "beta"))) ?? [];
  }
}

/** Source: learn.microsoft.com, deviceManagementConfigurationSettingInstanceTemplate: a policy must have what is required. */
function requiredAt(
  { isRequired, settingDefinitionId: definition, settingInstanceTemplateId: place }: Document,
  definitions: readonly Document[],
): RequiredSetting[] {
  if (isRequired !== true || typeof definition !== "string") return [];
  const name = definitions.find(({ id }) => id === definition)?.displayName;
  return [
    {
      definition,
      place: typeof place === "string" ? place : null,
      name: typeof name === "string" ? name : null,
    },
  ];
}

function textsOf(documents: readonly Document[], name: string): string[] {
  return documents.flatMap(({ [name]: one }) => (typeof one === "string" ? [one] : []));
}

const categories =
  "deviceManagement/groupPolicyCategories?$select=id,displayName" +
  "&$expand=definitions($select=id,displayName,categoryPath,classType)" +
  `&$filter=${encodeURIComponent("ingestionSource eq 'custom'")}`;

async function importedOf(client: GraphClient, keys: ReadonlySet<string>): Promise<ImportedDefinition[]> {
  const all = (await client.collection(categories, "beta")).flatMap(({ definitions }) =>
    documentsOf(definitions),
  );
  const wanted = all.filter((definition) => keys.has(definitionKey(definition)));
  return Promise.all(
    wanted.map(async (definition) => {
      const id = String(definition.id);
      const path = `deviceManagement/groupPolicyDefinitions/${encodeURIComponent(id)}/presentations`;
      const presentations = (await client.collection(path, "beta")).map((presentation) => ({
        id: String(presentation.id),
        ...presentationOf(presentation),
      }));
      return { id, key: definitionKey(definition), presentations };
    }),
  );
}

async function successorsOf(
  client: GraphClient,
  { rule, names }: OffersWanted["successors"][number],
): Promise<{ path: string; id: string; name: string }[]> {
  const { path, name } = rule;
  const wanted = new Set<unknown>(names);
  const policies = await client.collection(`${path}?$select=id,${name},templateReference`, "beta");
  return policies.flatMap((policy) => {
    const { templateReference: template } = policy;
    const family = isDocument(template) ? (template.templateFamily ?? "none") : "none";
    // What Microsoft makes has a template; a policy that people made of single settings is only called the same.
    if (family === "none" || !wanted.has(policy[name])) return [];
    return [{ path, id: String(policy.id), name: String(policy[name]) }];
  });
}

async function deletedOf(
  client: GraphClient,
  { path, only, ids }: OffersWanted["deleted"][number],
): Promise<{ path: string; id: string }[]> {
  const wanted = new Set<unknown>(ids);
  const objects = await client.collection(path, "beta");
  return objects.flatMap((object) =>
    wanted.has(object.id) && mayComeBack(only, object) ? [{ path, id: String(object.id) }] : [],
  );
}
