// `npm run words:properties`: writes lib/words/property-notes.json from Microsoft's typings.
import { writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { catalog } from "#lib/policies/catalog";
import type { Child } from "#lib/policies/policy-type";
import { type GraphTypings, graphTypings } from "#lib/testing/graph-typings";

/** The file that summaries read; `scripts/generate-property-notes.test.ts` holds it current. */
export const notesFile = fileURLToPath(new URL("../lib/words/property-notes.json", import.meta.url));

/** Longer sentences are cut: a note stands below one line of a table. */
const longestNote = 140;

const typings = graphTypings("beta");

/** The types that the catalog's documents are made of, those of their children and of complex values included. */
function reachedTypes(): string[] {
  const children = new Set(catalog.flatMap(({ children }) => children.flatMap(keysOf)));
  for (const expanded of ["scheduledActionConfigurations", "definition", "presentation"])
    children.add(expanded);
  const reached = new Set<string>();
  const follow = (name: string) => {
    const type = typings.types.get(name);
    if (!type || reached.has(name)) return;
    reached.add(name);
    if (type.base !== null) follow(type.base);
    for (const [property, value] of type.properties) {
      if (typings.isNavigation(value) && !children.has(property)) continue;
      for (const target of [value.type, ...typings.derivedOf(value.type)]) follow(target);
    }
  };
  for (const { declares } of catalog)
    if (declares !== null) for (const type of [declares, ...typings.derivedOf(declares)]) follow(type);
  return [...reached].sort();
}

function keysOf({ key, children = [] }: Child): string[] {
  return [key, ...children.flatMap(keysOf)];
}

/** What a property is made of: `enum`, a type by name, or nothing to say. */
function kindOf(type: string, { enums, types }: GraphTypings): string {
  if (enums.has(type)) return "enum";
  return types.has(type) ? type : "";
}

/** Sentences that say nothing of what the property is. */
const empty =
  /^(possible values|the possible values|read-?only|returned by default|required|optional|inherited|supports|not yet documented|nullable|default|key of|this property is)\b/i;

/** The first sentence of a comment; empty where it says nothing that the property's name does not. */
export function noteOf(property: string, description: string): string {
  const sentences = description.split(/(?<=[.!?])(?<!\b(?:e\.g|i\.e|etc|vs|a\.k\.a)\.)\s+(?=[A-Z"'])/);
  const first = sentences.map((each) => each.trim()).find((each) => each !== "" && !empty.test(each)) ?? "";
  const plain = first.replace(/\s*possible values are:.*$/i, "").trim();
  const named = property.replaceAll(/(?=[A-Z])/g, " ").toLowerCase();
  const added = plain
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "" && !named.includes(word.replace(/s$/, "")) && !filler.has(word));
  if (added.length === 0) return "";
  if (plain.length <= longestNote) return plain;
  return `${plain.slice(0, plain.lastIndexOf(" ", longestNote)).replace(/[,;:]$/, "")} …`;
}

const filler = new Set(
  "a an the of or and to for is are be this that if it in on whether indicates indicate value property".split(
    " ",
  ),
);

/** By type: its base, then one line a property with what it is made of and its note. */
export function notesJson(): string {
  const notes = reachedTypes().map((name) => {
    const type = typings.types.get(name);
    const lines = [...(type?.properties ?? [])].flatMap(([property, { type: of }]) => {
      const kind = kindOf(of, typings);
      const note = noteOf(property, type?.comments.get(property) ?? "");
      return kind === "" && note === "" ? [] : [`${property}:${kind} ${note}`.trimEnd()];
    });
    return [name, [type?.base ?? "", ...lines]] as const;
  });
  return `${JSON.stringify(Object.fromEntries(notes), null, 1)}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await writeFile(notesFile, notesJson());
  console.log(`Wrote ${notesFile}`);
}
