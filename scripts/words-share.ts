// `npm run words:share -- FOLDER`: how much of policies is shown as raw ids, by type. Of what a folder of exports holds, or
// of a generated tenant without one; named by the definitions that the sandbox makes for them.
import { pathToFileURL } from "node:url";
import { readCategories, readDefinitions } from "#lib/definitions/read-definitions";
import { catalog } from "#lib/policies/catalog";
import type { PolicyType } from "#lib/policies/policy-type";
import { selects } from "#lib/policies/policy-type";
import { noWordContext, type WordContext, type WordRow } from "#lib/words/schema";
import { type DefinitionSource, settingIdsIn, typesWithDefinitions } from "#lib/words/setting-ids";
import { wordsOf } from "#lib/words/words-of";
import { COLLECTIONS, collectionAt } from "#sandbox/collections";
import { GraphError } from "#sandbox/http-error";
import type { GraphObject } from "#sandbox/json";
import { loadObjects } from "#sandbox/load";
import { definitionsAt, respondDefinitions } from "#sandbox/setting-definitions";
import type { TenantStore } from "#sandbox/store";
import { TenantState } from "#sandbox/tenant";
import { MicrosoftContent } from "#sandbox/write/tenant-objects";

/** Of one policy type: how many rows say something, and which of them by a raw id. */
export interface Share {
  policyType: string;
  policies: number;
  rows: number;
  raw: { name: string; value: string }[];
  /** Rows with the key of another row of their policy: differences would lose one of them. */
  sameKey: number;
}

/**
 * Says all policies in words and counts.
 * @param folder exports to read; undefined: a generated tenant of 400 policies
 */
export async function shareOfRawIds(folder: string | undefined): Promise<Share[]> {
  const given = folder === undefined ? undefined : (await loadObjects(folder)).objects;
  const registration = {
    entraTenantId: "5f6c1d52-7c39-4a51-8d15-0b7f2f0f9a11",
    clientId: "c",
    clientSecret: "s",
  };
  const tenant = new TenantState({ ...registration, policies: 400 }, given);
  const { store } = tenant;
  const named = namesIn(store);
  const shares: Share[] = [];
  for (const type of catalog) {
    const documents = documentsOf(store, type);
    if (documents.length === 0) continue;
    const context = await contextFor(tenant, typesWithDefinitions[type.key], documents, named);
    const words = documents.map((document) => wordsOf(type.key, document, context));
    const rows = words.flatMap(({ sections }) => sections.flatMap((section) => allRows(section.rows)));
    const keys = words.map(({ sections }) =>
      sections.flatMap((section) => allRows(section.rows)).map(({ key }) => key),
    );
    const said = rows.filter(({ value }) => value.kind !== "none");
    const raw = said.filter(({ isNamed }) => !isNamed);
    shares.push({
      policyType: type.key,
      policies: documents.length,
      rows: said.length,
      sameKey: keys.reduce((sum, of) => sum + of.length - new Set(of).size, 0),
      raw: raw.map(({ name, value }) => ({
        name,
        value:
          value.kind === "text" ? value.text : value.kind === "list" ? value.items.join(", ") : value.kind,
      })),
    });
  }
  return shares;
}

function documentsOf(store: TenantStore, type: PolicyType): GraphObject[] {
  const spec = collectionAt(type.path);
  if (!spec) return [];
  const collection = store.collection(spec);
  return [...collection.indexes()]
    .map((index) => collection.whole(index))
    .filter((object) => selects(type, object));
}

/** Everything that the tenant has, by its id: groups, filters, roles, apps. */
function namesIn(store: TenantStore): Map<string, string> {
  const names = new Map<string, string>();
  for (const spec of COLLECTIONS) {
    if (spec.viewOf !== undefined) continue;
    const collection = store.collection(spec);
    for (const index of collection.indexes()) {
      const { id, appId, displayName, name } = collection.entityAt(index).props;
      const said = displayName ?? name;
      for (const key of [id, appId])
        if (typeof key === "string" && typeof said === "string") names.set(key.toLowerCase(), said);
    }
  }
  return names;
}

async function contextFor(
  tenant: TenantState,
  source: DefinitionSource | undefined,
  documents: readonly GraphObject[],
  named: ReadonlyMap<string, string>,
): Promise<WordContext> {
  const nameOf = (_kind: string, id: string) => named.get(id.toLowerCase());
  if (!source) return { ...noWordContext, nameOf };
  const content = new MicrosoftContent(() => [tenant]);
  const client = {
    entityOrNone: async (path: string) => answer(tenant, content, path),
    collection: async () => [],
  };
  const ids = new Set(documents.flatMap((document) => [...settingIdsIn(document)]));
  const { found } = await readDefinitions(client, source, [...ids]);
  const definitions = new Map(
    found.flatMap(({ name, ...definition }) =>
      name === null ? [] : [[definition.id, { ...definition, name }]],
    ),
  );
  const wanted = [...new Set(found.flatMap(({ category_id }) => category_id ?? []))];
  const categories = new Map(
    (await readCategories(client, source, wanted)).found.map(({ id, name }) => [id, name ?? ""]),
  );
  return {
    ...noWordContext,
    definition: (id) => definitions.get(id),
    category: (id) => (categories.has(id) ? [categories.get(id) ?? ""] : []),
    nameOf,
  };
}

/** What the sandbox serves at `deviceManagement/configurationSettings/{id}`; null where it knows none. */
function answer(tenant: TenantState, content: MicrosoftContent, path: string): GraphObject | null {
  const [area, name, id = ""] = path.split("/");
  const spec = definitionsAt(`${area}/${name}`);
  if (!spec) return null;
  try {
    return respondDefinitions({
      spec,
      id: decodeURIComponent(id),
      tenant,
      content,
      path,
      parameters: new URLSearchParams(),
      version: "beta",
      origin: "http://sandbox",
      ids: { requestId: "", clientRequestId: "" },
    });
  } catch (error) {
    if (error instanceof GraphError) return null;
    throw error;
  }
}

function allRows(rows: readonly WordRow[]): WordRow[] {
  return rows.flatMap((row) => [row, ...allRows(row.children)]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const shares = await shareOfRawIds(process.argv[2]);
  const line = (cells: (string | number)[]) =>
    console.log(
      `${String(cells[0]).padEnd(36)}${cells
        .slice(1)
        .map((cell) => String(cell).padStart(10))
        .join("")}`,
    );
  line(["policy type", "policies", "values", "raw", "share"]);
  for (const { policyType, policies, rows, raw } of shares) {
    line([
      policyType,
      policies,
      rows,
      raw.length,
      `${((raw.length / Math.max(1, rows)) * 100).toFixed(1)} %`,
    ]);
    if (process.argv.includes("--raw"))
      for (const { name, value } of raw.slice(0, 5)) console.log(`    ${name}: ${value}`);
  }
}
