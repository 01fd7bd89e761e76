// `npm run sandbox:schema`: writes sandbox/graph-schema.json from Microsoft's typings.
import { writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type GraphTypings, type GraphVersion, graphTypings } from "#lib/testing/graph-typings";
import { COLLECTIONS, type Navigations } from "#sandbox/collections";
import { type SchemaText, type SchemaType, writeType } from "#sandbox/schema-text";

/** The file that the sandbox reads; `scripts/generate-graph-schema.test.ts` holds it current. */
export const schemaFile = fileURLToPath(new URL("../sandbox/graph-schema.json", import.meta.url));

/** What of a version's typings the sandbox's collections reach: types, their complex values, children that it serves. */
class Reach {
  readonly #typings: GraphTypings;
  readonly #types = new Map<string, SchemaType>();
  readonly #enums = new Map<string, readonly string[]>();
  /** Names of navigation properties to follow, by type. */
  readonly #followed = new Map<string, Set<string>>();

  constructor(version: GraphVersion) {
    this.#typings = graphTypings(version);
    for (const { types, navigations } of COLLECTIONS) {
      for (const type of types) this.#follow(type, navigations);
      // A collection lists what derives from its declared type, whether the sandbox makes such objects or not.
      for (const type of types.slice(0, 1).flatMap((name) => this.#typings.derivedOf(name)))
        this.#follow(type, navigations);
    }
    for (const type of this.#followed.keys()) this.#add(type);
  }

  /** Notes which children are served below a type. */
  #follow(type: string, navigations: Navigations): void {
    if (!this.#typings.types.has(type)) return;
    const names = this.#followed.get(type) ?? new Set();
    this.#followed.set(type, names);
    const properties = this.#typings.propertiesOf(type);
    for (const [name, { navigations: below = {} }] of Object.entries(navigations)) {
      const property = properties.get(name);
      if (!property || names.has(name)) continue;
      names.add(name);
      for (const owner of this.#typings.lineOf(type)) {
        if (!this.#typings.types.get(owner)?.properties.has(name)) continue;
        const own = this.#followed.get(owner) ?? new Set();
        this.#followed.set(owner, own.add(name));
      }
      for (const target of [property.type, ...this.#typings.derivedOf(property.type)])
        this.#follow(target, below);
    }
  }

  #add(name: string): void {
    if (this.#types.has(name)) return;
    const values = this.#typings.enums.get(name);
    if (values) {
      this.#enums.set(name, values);
      return;
    }
    const type = this.#typings.types.get(name);
    if (!type) return;
    const followed = this.#followed.get(name);
    const properties = [...type.properties].filter(
      ([property, value]) => !this.#typings.isNavigation(value) || followed?.has(property),
    );
    this.#types.set(name, { base: type.base, properties: new Map(properties) });
    if (type.base !== null) this.#add(type.base);
    for (const [, value] of properties) {
      this.#add(value.type);
      if (!this.#typings.isNavigation(value))
        for (const derived of this.#typings.derivedOf(value.type)) this.#add(derived);
    }
  }

  text(withEnums: boolean): SchemaText {
    const byName = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      types: Object.fromEntries(byName(this.#types).map(([name, type]) => [name, writeType(type)])),
      enums: withEnums
        ? Object.fromEntries(byName(this.#enums).map(([name, values]) => [name, values.join(" ")]))
        : {},
    };
  }
}

/** graph-schema.json as the typings have it now. Values of enums are beta's: from them objects are made. */
export function schemaJson(): string {
  const schema: Record<GraphVersion, SchemaText> = {
    "v1.0": new Reach("v1.0").text(false),
    beta: new Reach("beta").text(true),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await writeFile(schemaFile, schemaJson());
  console.log(`Wrote ${schemaFile}`);
}
