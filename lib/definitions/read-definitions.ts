import type { GraphClient } from "#lib/graph/client";
import { GraphError } from "#lib/graph/errors";
import { type GraphObject, isObject } from "#lib/graph/shape";
import type { DefinitionSource } from "#lib/words/setting-ids";

/** A definition as it is stored. */
export interface StoredDefinition {
  id: string;
  version: string;
  /** Null: Microsoft knows no such setting. */
  name: string | null;
  description: string | null;
  category_id: string | null;
  csp_path: string | null;
  options: Record<string, string>;
}

/** A category as it is stored. */
export interface StoredCategory {
  id: string;
  /** Null: Microsoft knows no such category. */
  name: string | null;
  /** Null: it is a root. */
  parent_id: string | null;
}

/** A template as it is stored. */
export interface StoredTemplate {
  id: string;
  /** In its order; none: Microsoft knows no such template. */
  setting_ids: string[];
}

/** What of a client is needed. */
type Reading = Pick<GraphClient, "entityOrNone" | "collection">;

/** Longer descriptions are cut: they are shown in one sentence. */
const longestDescription = 1_000;

const settingPaths: Readonly<Record<DefinitionSource, string>> = {
  configuration: "deviceManagement/configurationSettings",
  compliance: "deviceManagement/complianceSettings",
  reusable: "deviceManagement/reusableSettings",
  inventory: "deviceManagement/inventorySettings",
};

const categoryPaths: Readonly<Record<DefinitionSource, string>> = {
  configuration: "deviceManagement/configurationCategories",
  compliance: "deviceManagement/complianceCategories",
  reusable: "deviceManagement/configurationCategories",
  inventory: "deviceManagement/inventoryCategories",
};

/** What came of asking for several things at once: each of them is in one of the lists, or has its error in `refusals`. */
export interface Answers<T> {
  /** What Graph answered, be it that it knows no such thing. */
  found: T[];
  /** Those that Graph failed on, as if it knew no such thing. */
  failed: T[];
  /** Of those that it does not let the connection read. */
  refusals: GraphError[];
  /** What each of the others would end in as well: a sign-in that fails, throttling, a stop; null when there was none. */
  end: { error: unknown } | null;
}

/** Asks for definitions; they travel twenty a request. What is wrong with one of them is in the answer, and none of the others'. */
export function readDefinitions(
  client: Reading,
  source: DefinitionSource,
  ids: readonly string[],
): Promise<Answers<StoredDefinition>> {
  return answersTo(ids, async (id) => definitionOf(id, await objectAt(client, settingPaths[source], id)), {
    failed: (id) => definitionOf(id, null),
  });
}

/** Asks for categories, as `readDefinitions`. */
export function readCategories(
  client: Reading,
  source: DefinitionSource,
  ids: readonly string[],
): Promise<Answers<StoredCategory>> {
  return answersTo(ids, async (id) => categoryOf(id, await objectAt(client, categoryPaths[source], id)), {
    failed: (id) => categoryOf(id, null),
  });
}

/** Asks for the settings of templates of the settings catalog, in their order; as `readDefinitions`. */
export function readTemplates(client: Reading, ids: readonly string[]): Promise<Answers<StoredTemplate>> {
  const read = async (id: string): Promise<StoredTemplate> => {
    const path = `deviceManagement/configurationPolicyTemplates/${encodeURIComponent(id)}/settingTemplates`;
    const setting_ids = (await collectionAt(client, path)).flatMap(({ settingInstanceTemplate }) => {
      const settingId = isObject(settingInstanceTemplate)
        ? settingInstanceTemplate.settingDefinitionId
        : null;
      return typeof settingId === "string" ? [settingId] : [];
    });
    return { id, setting_ids };
  };
  return answersTo(ids, read, { failed: (id) => ({ id, setting_ids: [] }) });
}

/**
 * Asks for the definitions of legacy templates, which come all together; as `readDefinitions`.
 * @param settingIds those that are wanted, by template; one that its template does not have is unknown
 */
export async function readIntentDefinitions(
  client: Reading,
  settingIds: ReadonlyMap<string, readonly string[]>,
): Promise<Answers<StoredDefinition>> {
  const read = async (templateId: string): Promise<StoredDefinition[]> => {
    const path = `deviceManagement/templates/${encodeURIComponent(templateId)}/categories`;
    const categories = await collectionAt(client, `${path}?$expand=settingDefinitions`);
    const objects = categories.flatMap(({ settingDefinitions }) =>
      Array.isArray(settingDefinitions) ? settingDefinitions.filter(isObject) : [],
    );
    const byId = new Map(objects.map((object) => [object.id, object]));
    return (settingIds.get(templateId) ?? []).map((id) => intentDefinitionOf(id, byId.get(id) ?? null));
  };
  const { found, failed, ...others } = await answersTo([...settingIds.keys()], read, {
    failed: (templateId) => (settingIds.get(templateId) ?? []).map((id) => intentDefinitionOf(id, null)),
  });
  // Policies of several templates share settings: where one of those knows it, it is known.
  const named = new Map<string, StoredDefinition>();
  for (const each of found.flat()) if (each.name !== null || !named.has(each.id)) named.set(each.id, each);
  const left = new Map(failed.flat().map((each) => [each.id, each]));
  return {
    found: [...named.values()],
    failed: [...left.values()].filter(({ id }) => !named.has(id)),
    ...others,
  };
}

/** Settings that every tenant's Graph knows. */
const wellKnown = [
  "device_vendor_msft_bitlocker_requiredeviceencryption",
  "device_vendor_msft_policy_config_system_allowtelemetry",
];

/**
 * Asks for a setting that is known to be there, to see whether anything is answered at all.
 * @param but what was asked for in vain
 * @throws GraphError when that is refused as well, or Graph is away
 */
export async function probe(client: Reading, but: readonly string[]): Promise<void> {
  const id = wellKnown.find((each) => !but.includes(each)) ?? "";
  await objectAt(client, settingPaths.configuration, id);
}

async function answersTo<T>(
  ids: readonly string[],
  read: (id: string) => Promise<T>,
  { failed }: { failed: (id: string) => T },
): Promise<Answers<T>> {
  const answers: Answers<T> = { found: [], failed: [], refusals: [], end: null };
  for (const [index, settled] of (await Promise.allSettled(ids.map(read))).entries()) {
    if (settled.status === "fulfilled") {
      answers.found.push(settled.value);
      continue;
    }
    const error: unknown = settled.reason;
    if (!(error instanceof GraphError) || error.fatal || error.code === "GRAPH_THROTTLE")
      answers.end ??= { error };
    else if (error.code === "PERMISSION_MISSING" || error.code === "LICENSE_MISSING")
      answers.refusals.push(error);
    else answers.failed.push(failed(ids[index] ?? ""));
  }
  return answers;
}

/** Empty where there is none, as with `objectAt`. */
async function collectionAt(client: Reading, path: string): Promise<GraphObject[]> {
  try {
    return await client.collection(path, "beta");
  } catch (error) {
    if (error instanceof GraphError && (error.status === 400 || error.status === 404)) return [];
    throw error;
  }
}

function intentDefinitionOf(id: string, object: GraphObject | null): StoredDefinition {
  const constraints = Array.isArray(object?.constraints) ? object.constraints.filter(isObject) : [];
  const values = constraints.flatMap(({ values }) => (Array.isArray(values) ? values.filter(isObject) : []));
  const options = values.flatMap(({ value, displayName }) =>
    typeof value === "string" && typeof displayName === "string" ? [[value, displayName] as const] : [],
  );
  return { ...definitionOf(id, object), options: Object.fromEntries(options) };
}

/** Null where there is none: Graph has answered 400 and 404 for ids that it does not know. */
async function objectAt(client: Reading, path: string, id: string): Promise<GraphObject | null> {
  try {
    return await client.entityOrNone(`${path}/${encodeURIComponent(id)}`, "beta");
  } catch (error) {
    if (error instanceof GraphError && (error.status === 400 || error.status === 404)) return null;
    throw error;
  }
}

function definitionOf(id: string, object: GraphObject | null): StoredDefinition {
  const text = (property: string) => {
    const value = object?.[property];
    return typeof value === "string" && value !== "" ? value : null;
  };
  const options = Array.isArray(object?.options) ? object.options.filter(isObject) : [];
  const [base, offset] = [text("baseUri"), text("offsetUri")];
  return {
    id,
    version: text("version") ?? "",
    name: text("displayName"),
    description: text("description")?.slice(0, longestDescription) ?? null,
    category_id: text("categoryId"),
    csp_path: offset === null ? base : `${base ?? ""}${offset}`,
    options: Object.fromEntries(
      options.flatMap(({ itemId, displayName }) =>
        typeof itemId === "string" && typeof displayName === "string" ? [[itemId, displayName]] : [],
      ),
    ),
  };
}

function categoryOf(id: string, object: GraphObject | null): StoredCategory {
  const name = typeof object?.displayName === "string" ? object.displayName : null;
  const parent = typeof object?.parentCategoryId === "string" ? object.parentCategoryId : "";
  // A root is its own parent.
  return { id, name, parent_id: parent === "" || parent === id ? null : parent };
}
