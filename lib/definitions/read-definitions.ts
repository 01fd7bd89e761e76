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

/** What of a client is needed. */
type Reading = Pick<GraphClient, "entityOrNone">;

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

/**
 * Asks for definitions; they travel twenty a request.
 * @throws GraphError when Graph refuses them all, or cannot be reached
 */
export async function readDefinitions(
  client: Reading,
  source: DefinitionSource,
  ids: readonly string[],
): Promise<StoredDefinition[]> {
  return Promise.all(
    ids.map(async (id) => definitionOf(id, await objectAt(client, settingPaths[source], id))),
  );
}

/** Asks for categories. @throws as `readDefinitions` */
export async function readCategories(
  client: Reading,
  source: DefinitionSource,
  ids: readonly string[],
): Promise<StoredCategory[]> {
  return Promise.all(
    ids.map(async (id) => categoryOf(id, await objectAt(client, categoryPaths[source], id))),
  );
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
