import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { baseOf, type CollectionSpec, collectionAt, collectionOfType } from "./collections.ts";
import { type GraphObject, isObject, type Json, typeName } from "./json.ts";

/** What a folder of exports gave. */
export interface LoadReport {
  folder: string;
  /** By collection path. */
  objects: ReadonlyMap<string, readonly GraphObject[]>;
  /** Files read as objects, relative to the folder. */
  files: { file: string; collection: string }[];
  skipped: { file: string; reason: string }[];
}

/** UTF-8 with or without BOM, UTF-16 with one (either order), or UTF-16 LE that lost it. */
function decodeText(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  if (bytes.length > 1 && bytes[0] !== 0 && bytes[1] === 0) return new TextDecoder("utf-16le").decode(bytes);
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

/**
 * The value without what only full metadata has: `x@odata.type`, links, actions. `@odata.type` stays everywhere,
 * since it tells what the object is.
 */
function withoutAnnotations(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutAnnotations);
  if (!isObject(value)) return value;
  const kept: GraphObject = {};
  for (const [key, inner] of Object.entries(value)) {
    if (key !== "@odata.type" && (key.includes("@odata.") || key.startsWith("#"))) continue;
    kept[key] = withoutAnnotations(inner);
  }
  return kept;
}

/** `…$metadata#deviceManagement/deviceConfigurations(assignments())/$entity` → the collection. */
function collectionOfContext(context: string): CollectionSpec | undefined {
  const fragment = context.split("$metadata#")[1];
  if (fragment === undefined) return undefined;
  let path = fragment;
  // From the inside out: expansions nest.
  for (let before = ""; before !== path; ) {
    before = path;
    path = path.replace(/\([^()]*\)/g, "");
  }
  const names = path
    .split("/")
    .filter((name) => name !== "" && !name.startsWith("$") && !name.startsWith("microsoft.graph."));
  return collectionAt(names.join("/"));
}

/** The collection of an object, or why it has none. */
function collectionOf(object: GraphObject): CollectionSpec | string {
  const context = object["@odata.context"];
  const byContext = typeof context === "string" ? collectionOfContext(context) : undefined;
  if (byContext) return byContext;
  const type = typeName(object);
  const byType = type === "" ? undefined : collectionOfType(type);
  if (byType) return byType;
  if (type !== "") return `no collection for @odata.type ${type}`;
  return typeof context === "string"
    ? `no collection for @odata.context ${context}`
    : "neither @odata.context nor @odata.type";
}

/** The objects of a file: one, or all of a collection that was saved as it came. */
function objectsIn(document: unknown): GraphObject[] | string {
  if (!isObject(document)) return "not a JSON object";
  if (!Array.isArray(document.value) || document.id !== undefined) return [document];
  const context = document["@odata.context"] ?? null;
  return document.value.filter(isObject).map((object) => ({ "@odata.context": context, ...object }));
}

/**
 * Reads every `*.json` below a folder that is a Graph object as people's tools write them. Children such as
 * `settings` and `assignments` stay inline; the server takes them apart.
 * @throws Error when the folder cannot be read
 */
export async function loadObjects(folder: string): Promise<LoadReport> {
  const objects = new Map<string, GraphObject[]>();
  const files: LoadReport["files"] = [];
  const skipped: LoadReport["skipped"] = [];
  const seen = new Set<string>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && /\.json$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const path of paths) {
    const file = relative(folder, path);
    const skip = (reason: string) => skipped.push({ file, reason });
    let document: unknown;
    try {
      document = JSON.parse(decodeText(await readFile(path)));
    } catch (error) {
      skip(`not readable as JSON: ${error instanceof Error ? error.message : error}`);
      continue;
    }
    const found = objectsIn(document);
    if (typeof found === "string") {
      skip(found);
      continue;
    }
    for (const object of found) {
      const spec = collectionOf(object);
      if (typeof spec === "string") {
        skip(spec);
        continue;
      }
      const given = spec.key ? object[spec.key] : object.id;
      const id = typeof given === "string" ? given : spec.singleIn && spec.path.split("/").at(-1);
      if (id === undefined || id === "") {
        skip("no id");
        continue;
      }
      if (seen.has(`${spec.path} ${id}`)) {
        skip(`a second object with the id ${id}`);
        continue;
      }
      seen.add(`${spec.path} ${id}`);
      const stripped = withoutAnnotations(object);
      if (!isObject(stripped)) continue;
      // What comes from a typed endpoint has no @odata.type of its own.
      const own: GraphObject =
        spec.types.length === 1 ? { "@odata.type": `#microsoft.graph.${spec.types[0]}` } : {};
      const base = baseOf(spec).path;
      const known = objects.get(base) ?? [];
      known.push({ ...own, ...stripped, id });
      objects.set(base, known);
      files.push({ file, collection: base });
    }
  }
  return { folder, objects, files, skipped };
}
